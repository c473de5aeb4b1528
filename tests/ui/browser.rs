//! A headless browser, driven by the W3C's `WebDriver` protocol: JSON over HTTP, one connection per request.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::machine::wait_until;

/// The driver's port. The machine belongs to the test, and so do its ports.
const PORT: u16 = 9515;

/// The longest wait for an answer that is normally immediate, or that needs a browser's start.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// The browser's files: /run belongs to the machine.
const FOLDER: &str = "/run/browser";

/// The key of an element in `WebDriver`'s JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one page.
pub(crate) struct Browser {
    driver: Child,
    session: String,
}

/// A server's answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

/// Sends a request unchanged, and reads the whole answer.
pub(crate) fn http(port: u16, request: &str) -> Answer {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a server at the loopback");
    stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
    stream.write_all(request.as_bytes()).expect("a request");
    let mut reader = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        let length = reader.read_line(&mut head).expect("an answer");
        assert_ne!(length, 0, "an answer to {request}: {head}");
    }
    let lines = head.lines().filter_map(|line| line.split_once(':'));
    let length = lines
        .filter(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .find_map(|(_, value)| value.trim().parse().ok());
    // The driver keeps its connection open, even if told to close it.
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).expect("a whole answer");
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
    Answer {
        status: status.unwrap_or_else(|| panic!("no status: {head}")),
        body: String::from_utf8(body).expect("text"),
        head,
    }
}

fn call(method: &str, path: &str, value: &Value) -> Value {
    let body = if method == "GET" {
        String::new()
    } else {
        value.to_string()
    };
    let request = format!(
        "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{PORT}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let answer = http(PORT, &request);
    assert_eq!(answer.status, 200, "{method} {path} {value}: {answer:#?}");
    let mut said: Value = serde_json::from_str(&answer.body).expect("WebDriver speaks JSON");
    said["value"].take()
}

impl Browser {
    /// Starts a browser.
    pub(crate) fn start() -> Self {
        fs::create_dir_all(FOLDER).expect("a folder in /run");
        let driver = Command::new("chromedriver")
            .arg(format!("--port={PORT}"))
            .env("HOME", FOLDER)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver, which `scripts/install --tests` installs");
        wait_until("the driver listens", || {
            TcpStream::connect(("127.0.0.1", PORT)).is_ok()
        });
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=1280,800",
        ];
        let mut arguments: Vec<String> = arguments.map(str::to_owned).into();
        arguments.push(format!("--user-data-dir={FOLDER}/data"));
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": {"browser": "ALL"},
            "goog:chromeOptions": {"args": arguments},
        }}});
        let session = call("POST", "/session", &wanted);
        let session = session["sessionId"].as_str().expect("a session").to_owned();
        Self { driver, session }
    }

    fn call(&self, method: &str, path: &str, value: &Value) -> Value {
        call(method, &format!("/session/{}{path}", self.session), value)
    }

    /// Opens a link.
    pub(crate) fn open(&self, url: &str) {
        self.call("POST", "/url", &json!({"url": url}));
    }

    /// The result of a script.
    pub(crate) fn script(&self, script: &str) -> Value {
        let order = json!({"script": script, "args": []});
        self.call("POST", "/execute/sync", &order)
    }

    /// Waits until an expression is true on the page.
    #[track_caller]
    pub(crate) fn wait(&self, expression: &str) {
        wait_until(expression, || {
            self.script(&format!("return Boolean({expression})")) == json!(true)
        });
    }

    /// The texts of all elements that match a selector, in the page's order.
    pub(crate) fn texts(&self, selector: &str) -> Vec<String> {
        let script = format!(
            "return [...document.querySelectorAll({})].map((one) => one.textContent.trim())",
            json!(selector)
        );
        let texts = self.script(&script);
        let texts = texts.as_array().expect("a list").iter();
        texts
            .map(|text| text.as_str().expect("a text").to_owned())
            .collect()
    }

    fn elements(&self, selector: &str) -> Vec<String> {
        let order = json!({"using": "css selector", "value": selector});
        let found = self.call("POST", "/elements", &order);
        let found = found.as_array().expect("a list").iter();
        found
            .map(|one| one[ELEMENT].as_str().expect("an element").to_owned())
            .collect()
    }

    /// Clicks the one element of a selector, as a person does: it must exist, be visible, and not be covered.
    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        let elements = self.elements(selector);
        assert_eq!(elements.len(), 1, "{selector}");
        let path = format!("/element/{}/click", elements[0]);
        self.call("POST", &path, &json!({}));
    }

    /// Presses and releases a key.
    pub(crate) fn press(&self, key: char) {
        let actions = ["keyDown", "keyUp"].map(|kind| json!({"type": kind, "value": key}));
        let order = json!({"actions": [{"type": "key", "id": "keys", "actions": actions}]});
        self.call("POST", "/actions", &order);
    }

    /// All elements of a selector, each with its accessible name.
    pub(crate) fn names(&self, selector: &str) -> Vec<(String, String)> {
        let script = format!(
            "return [...document.querySelectorAll({})].map((one) => one.outerHTML.slice(0, 200))",
            json!(selector)
        );
        let texts = self.script(&script);
        let texts = texts.as_array().expect("a list").iter();
        let named = |(element, text): (String, &Value)| {
            let path = format!("/element/{element}/computedlabel");
            let label = self.call("GET", &path, &Value::Null);
            (
                text.to_string(),
                label.as_str().unwrap_or_default().to_owned(),
            )
        };
        self.elements(selector)
            .into_iter()
            .zip(texts)
            .map(named)
            .collect()
    }

    /// The console's errors since the last call.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let entries = self.call("POST", "/se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().expect("a list").iter();
        let complaints = entries.filter(|entry| entry["level"] == "SEVERE");
        complaints
            .map(|entry| entry["message"].to_string())
            .collect()
    }

    /// Ends the browser, and its driver.
    pub(crate) fn end(mut self) {
        self.call("DELETE", "", &json!({}));
        self.driver.kill().expect("the driver");
        self.driver.wait().expect("the driver's end");
    }
}
