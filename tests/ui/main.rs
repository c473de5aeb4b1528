//! `lab ui` in a real browser: display and actions, changes by others meanwhile, and access control.
//!
//! Lab, server and browser run in the test's own machine. The test needs root, and fails with a message without it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test that starts programs, and waits for what they do"
)]

#[path = "../crash/boot.rs"]
mod boot;
mod browser;
#[expect(dead_code, reason = "what the tests of crashes need besides")]
#[path = "../crash/machine.rs"]
mod machine;

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdout, Command};
use std::thread;

use nix::sys::signal::Signal;

use browser::{Answer, Browser, PATIENCE, http};
use machine::{Machine, Ran, about, end, lab, send};

/// A lab with everything that the page shows.
const LAB: &str = "hub-spoke";

/// Keys of the keyboard, as `WebDriver` names them.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// Elements that the keyboard reaches, or that a screen reader presents as controls.
const CONTROLS: &str = "button, select, summary, [tabindex='0'], [role='button'], [role='tab']";

/// A user who is not root.
const USER: &str = "61811";

/// Prepares the program under test for that user, a TUN device as udev creates it, and a folder for the user's labs.
const MAKE_ROOM: &str = "set -e; cp \"$1\" /run/lab; chmod 755 /run /run/lab; \
    mkdir -p /run/user /run/devices; install -d -o \"$2\" /run/user/\"$2\"; \
    mount -t tmpfs -o mode=755 tmpfs /run/devices; mknod -m 666 /run/devices/tun c 10 200; \
    mount --bind /run/devices/tun /dev/net/tun";

/// A request that heals all failures.
const HEAL: &str = "{\"names\":[],\"fate\":\"heal\"}";

/// Prepares the program under test to run as the user.
fn by_user(words: &[&str]) -> Command {
    let as_user = [
        "--reuid",
        USER,
        "--regid",
        USER,
        "--clear-groups",
        "/run/lab",
    ];
    about(LAB, "setpriv", &[&as_user, words].concat())
}

fn ran(mut command: Command) -> Ran {
    command.output().expect("a program").into()
}

/// A running `lab ui`.
struct Served {
    program: Child,
    said: BufReader<ChildStdout>,
    url: String,
    port: u16,
    token: String,
}

impl Served {
    fn start() -> Self {
        Self::by(about(LAB, machine::LAB, &["ui"]))
    }

    fn by(mut command: Command) -> Self {
        let mut program = command.spawn().expect("lab ui");
        let mut said = BufReader::new(program.stdout.take().expect("its output"));
        let mut line = String::new();
        said.read_line(&mut line).expect("a line");
        let url = line.split_whitespace().last().expect("a link").to_owned();
        let rest = url
            .strip_prefix("http://127.0.0.1:")
            .expect("a loopback link");
        let (port, token) = rest.split_once("/?token=").expect("a token");
        Self {
            program,
            said,
            port: port.parse().expect("a port"),
            token: token.to_owned(),
            url,
        }
    }

    /// Sends a request with these headers, and reads the answer.
    fn asks(&self, line: &str, headers: &[&str], body: &str) -> Answer {
        let headers = headers.join("\r\n");
        http(
            self.port,
            &format!(
                "{line} HTTP/1.1\r\n{headers}\r\nConnection: close\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        )
    }

    /// The headers of a program that knows the token.
    fn own(&self) -> [String; 2] {
        [
            format!("Host: 127.0.0.1:{}", self.port),
            format!("Authorization: Bearer {}", self.token),
        ]
    }

    /// A connection without a request yet.
    fn connects(&self) -> TcpStream {
        let stream =
            TcpStream::connect(("127.0.0.1", self.port)).expect("a server at the loopback");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream
    }

    /// The page's event stream.
    fn listens(&self) -> BufReader<TcpStream> {
        let mut stream = self.connects();
        let [own, bearer] = self.own();
        let request = format!("GET /api/events HTTP/1.1\r\n{own}\r\n{bearer}\r\n\r\n");
        stream.write_all(request.as_bytes()).expect("a request");
        let mut events = BufReader::new(stream);
        hears(&mut events, "event: whole");
        events
    }

    /// Requests without the token, under another host name, or from another page are refused.
    fn keeps_strangers_out(&self) {
        let own = format!("Host: 127.0.0.1:{}", self.port);
        let bearer = format!("Authorization: Bearer {}", self.token);
        let cookie = format!("Cookie: lab-ui-{}={}", self.port, self.token);
        let stranger = format!("Cookie: lab-ui-{}={}", self.port, "A".repeat(43));
        let origin = format!("Origin: http://127.0.0.1:{}", self.port);
        let status = |line: &str, headers: &[&str]| self.asks(line, headers, HEAL).status;
        for line in [
            "GET /",
            "GET /?token=wrong",
            "GET /main.js",
            "GET /api/lab",
            "GET /api/events",
            "GET /nowhere",
            "POST /api/trace",
            "POST /api/fate",
        ] {
            assert_eq!(status(line, &[&own]), 401, "{line}");
            assert_eq!(status(line, &[&own, &stranger]), 401, "{line}");
        }
        let with_token = format!("GET /?token={}", self.token);
        assert_eq!(status(&with_token, &["Host: lab.example"]), 403);
        assert_eq!(status("GET /api/lab", &["Host: 127.0.0.1", &bearer]), 403);
        assert_eq!(status("GET /api/lab", &[&own, &own, &bearer]), 403);
        let foreign = "Origin: http://lab.example";
        assert_eq!(status("POST /api/fate", &[&own, &cookie, foreign]), 403);
        assert_eq!(status("POST /api/fate", &[&own, &cookie]), 403);
        assert_eq!(status("POST /api/fate", &[&own, &cookie, &origin]), 200);
        assert_eq!(status("POST /api/fate", &[&own, &bearer]), 200);
        let let_in = self.asks(&with_token, &[&own], HEAL);
        assert_eq!(let_in.status, 200);
        for header in [
            "content-security-policy: default-src 'none'; script-src 'self'",
            "HttpOnly; SameSite=Strict",
            "referrer-policy: no-referrer",
        ] {
            assert!(let_in.head.contains(header), "{let_in:#?}");
        }
        assert!(!let_in.body.contains(&self.token));
    }

    /// The exit code, and the output after the link.
    fn ends(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.said.read_line(&mut rest).expect("its last line");
        (end(self.program).code, rest)
    }
}

/// Reads events up to one that contains some words.
fn hears(events: &mut BufReader<TcpStream>, words: &str) {
    let mut line = String::new();
    while !line.contains(words) {
        line.clear();
        assert_ne!(events.read_line(&mut line).expect(words), 0, "{words}");
    }
}

/// The nodes at the hops of the displayed trace; a silent one in brackets.
fn hops(browser: &Browser) -> String {
    browser.wait("document.querySelector('#result:not([aria-busy]) table')");
    let rows = browser.script(
        "const rows = [...document.querySelector('#result table').tBodies[0].rows];
         const names = rows.filter((row) => !row.matches('.note')).map(({ cells }) => cells[1]);
         return names.map((cell) => (cell.querySelector('span')?.firstChild ?? cell).textContent).join(' ')",
    );
    rows.as_str().expect("a text").to_owned()
}

/// The names of the picture's links that have a class.
fn marked(browser: &Browser, class: &str) -> Vec<String> {
    let script = format!(
        "return [...document.querySelectorAll('.link.{class}')].map((link) => link.dataset.link)"
    );
    let names = browser.script(&script);
    let names = names.as_array().expect("a list").iter();
    names
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect()
}

/// A script that tests whether a link of the picture matches a selector.
fn link(name: &str, selector: &str) -> String {
    format!("document.querySelector('[data-link=\"{name}\"]').matches('{selector}')")
}

/// A script that tests whether the newest event contains some words.
fn event(words: &str) -> String {
    format!(
        "[...document.querySelectorAll('#events li')].some((one) => one.textContent.includes('{words}'))"
    )
}

#[test]
fn a_lab_is_seen_and_commanded_in_a_browser() {
    let Some(_machine) = Machine::enter("a_lab_is_seen_and_commanded_in_a_browser") else {
        return;
    };
    lab(LAB, &["up", LAB]).exits(0);
    let served = Served::start();
    served.keeps_strangers_out();
    let browser = Browser::start();
    browser.open(&served.url);
    browser.wait("document.body.dataset.ready");
    assert_eq!(browser.script("return location.search"), "");
    traces_and_faults(&browser);
    hears_of_others(&browser);
    shows_tables(&browser);
    by_keyboard(&browser);
    has_names(&browser);
    follows_the_file(&browser);
    lab(LAB, &["down", LAB]).exits(0);
    browser.wait("document.querySelector('#condition').textContent === 'Lab hub-spoke has ended.'");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    browser.end();
    let last = format!("lab {LAB} has ended\n");
    assert_eq!(served.ends(), (Some(0), last));
}

/// Two nodes are clicked, and the trace shows the circuit; a click takes its link down, and the trace shows the VPN;
/// the link is healed.
fn traces_and_faults(browser: &Browser) {
    browser.click("[data-node='loc1-vm']");
    browser.click("[data-node='hub-vm']");
    assert_eq!(
        hops(browser),
        "loc1-lan loc1-ce1 er1-msee1 * (hub-ergw) hub-vm"
    );
    let on_path = marked(browser, "on-path");
    assert!(on_path.contains(&"er1-primary".to_owned()), "{on_path:?}");
    let why = browser.texts("#result pre").join("");
    assert!(why.contains("preferred over BGP hub-vpngw"), "{why}");
    assert!(browser.texts("#result .outcome")[1].starts_with("Back, hub-vm to loc1-vm: reached"));

    browser.click("[data-link='er1-primary']");
    browser.click("#down");
    browser.wait(&link("er1-primary", ".down"));
    browser.wait(&event("er1-primary was taken down"));
    browser.wait(&event("13 routes of 9 nodes changed"));
    assert_eq!(
        browser.texts("[data-flag='er1-primary']"),
        ["\u{2715} down"]
    );
    assert_eq!(browser.texts("#condition"), ["Down: er1-primary"]);

    browser.click("#tab-path");
    browser.wait("!document.querySelector('#stale').hidden");
    browser.click("#trace");
    browser.wait("document.querySelector('#stale').hidden");
    assert_eq!(hops(browser), "loc1-lan loc1-ce1 hub-vm");
    let on_path = marked(browser, "on-path");
    assert!(on_path.contains(&"hub-loc1".to_owned()), "{on_path:?}");
    assert!(!on_path.contains(&"er1-primary".to_owned()), "{on_path:?}");

    browser.click("#tab-link");
    browser.click("#heal");
    browser.wait(&link("er1-primary", ":not(.down)"));
    browser.wait(&event("er1-primary is up again"));
    browser.click("#tab-path");
    browser.click("#ping");
    browser.wait("document.querySelector('#result').textContent.includes('4 of 4 answered')");
}

/// Changes by others appear without a request.
fn hears_of_others(browser: &Browser) {
    lab(LAB, &["fault", "er2-primary", "--blackhole"]).exits(0);
    browser.wait(&link("er2-primary", ".blackhole"));
    lab(LAB, &["impair", "er2-secondary", "--delay", "5ms"]).exits(0);
    browser.wait(&link("er2-secondary", ".impaired"));
    browser.wait(&event("loc2-ce2 to er2-msee2: delay 5ms"));
    // Not by a command of `lab`.
    let down = ["link", "set", "er1-msee1", "down"];
    let in_node = [&["exec", "loc1-ce1", "--", "ip"][..], &down].concat();
    lab(LAB, &in_node).exits(0);
    browser.wait(&link("er1-primary", ".down"));
    browser.wait(&event(
        "er1-primary went down: somebody took an interface of it down",
    ));
    browser.click("#heal-all");
    browser.wait(&link("er1-primary", ":not(.down)"));
    browser.wait(&link("er2-primary", ":not(.blackhole)"));
    lab(LAB, &["impair", "er2-secondary", "--clear"]).exits(0);
    browser.wait("document.querySelector('#condition').textContent === 'All links are up'");
}

/// All paths with their verdicts, routes in az's columns, and the picture's nodes and links as tables.
fn shows_tables(browser: &Browser) {
    browser.click("#tab-all");
    browser.click("#verify");
    browser.wait("document.querySelector('.matrix')");
    assert_eq!(
        browser.texts("#verified"),
        ["30 paths proved, 0 failed, 0 skipped."]
    );
    assert_eq!(browser.texts(".matrix td.pass").len(), 30);
    browser.wait(&event("30 paths proved, 0 failed, 0 skipped"));

    browser.click("#tab-routes");
    browser.click("[data-node='hub-vm']");
    browser.wait(
        "document.querySelector('#table-of-routes .outcome')?.textContent.startsWith('hub-vm')",
    );
    assert_eq!(
        browser.texts("#table-of-routes th"),
        [
            "Source",
            "State",
            "Address Prefix",
            "Next Hop Type",
            "Next Hop IP"
        ]
    );
    let cells = browser.texts("#table-of-routes td");
    assert!(
        cells.contains(&"VirtualNetworkGateway".to_owned()),
        "{cells:?}"
    );
    browser.click("[data-node='er1-msee1']");
    browser.wait(
        "document.querySelector('#table-of-routes .outcome')?.textContent.startsWith('er1-msee1')",
    );

    browser.click("#tab-list");
    assert_eq!(browser.texts("#nodes tbody tr").len(), 22);
    assert_eq!(browser.texts("#links tbody tr").len(), 38);
}

/// A trace by keyboard only: Tab to a node and Enter, twice.
fn by_keyboard(browser: &Browser) {
    browser.script("location.reload()");
    browser.wait(
        "document.body.dataset.ready && document.querySelector('#events').childElementCount > 5",
    );
    for node in ["loc1-vm", "hub-vm"] {
        let focused = format!("document.activeElement.dataset?.node === '{node}'");
        for _ in 0..100 {
            browser.press(TAB);
            if browser.script(&format!("return {focused}")) == true {
                break;
            }
        }
        browser.wait(&focused);
        browser.press(ENTER);
    }
    assert_eq!(
        hops(browser),
        "loc1-lan loc1-ce1 er1-msee1 * (hub-ergw) hub-vm"
    );
}

/// Every control in every panel has a name, and no two elements have the same id.
fn has_names(browser: &Browser) {
    let selector = format!(":is({CONTROLS}):not([hidden], [hidden] *)");
    for tab in ["path", "routes", "link", "all", "list"] {
        browser.click(&format!("#tab-{tab}"));
        let names = browser.names(&selector);
        assert!(names.len() > 20, "{tab}: {names:?}");
        for (element, name) in names {
            assert!(!name.is_empty(), "{tab}: {element} has no name");
        }
    }
    let ids = browser.texts("[id]").len();
    let script = "return new Set([...document.querySelectorAll('[id]')].map((one) => one.id)).size";
    assert_eq!(browser.script(script), ids);
    assert_eq!(browser.script("return document.documentElement.lang"), "en");
}

/// A lab that changes to another file has another picture.
fn follows_the_file(browser: &Browser) {
    let text = include_str!("../../labs/hub-spoke.yaml");
    let first = "      hub-vm: {";
    let more = "      hub-vm2: { subnet: default, privateIPAddress: 10.10.30.5 }\n";
    let edited = text.replacen(first, &format!("{more}{first}"), 1);
    fs::write("/run/edited.yaml", edited).expect("a file in /run");
    lab(LAB, &["up", "/run/edited.yaml"]).exits(0);
    browser
        .wait("document.body?.dataset.ready && document.querySelector('[data-node=\"hub-vm2\"]')");
    browser.wait(&event("the lab was changed by its file"));
}

#[test]
fn the_page_ends_by_ctrl_c_and_leaves_the_lab() {
    let Some(_machine) = Machine::enter("the_page_ends_by_ctrl_c_and_leaves_the_lab") else {
        return;
    };
    lab(LAB, &["up", LAB]).exits(0);
    let served = Served::start();
    send(served.program.id(), Signal::SIGINT);
    assert_eq!(served.ends(), (Some(0), String::new()));
    lab(LAB, &["status", LAB]).exits(0);
    lab(LAB, &["down", LAB]).exits(0);
    lab(LAB, &["ui"]).exits(2);
}

#[test]
fn a_user_without_root_has_a_page_that_their_browser_finds() {
    let test = "a_user_without_root_has_a_page_that_their_browser_finds";
    let Some(_machine) = Machine::enter(test) else {
        return;
    };
    let mut make_room = Command::new("sh");
    make_room.args(["-c", MAKE_ROOM, "sh", machine::LAB, USER]);
    ran(make_room).exits(0);
    ran(by_user(&["up", LAB])).exits(0);
    // A user namespace has a loopback of its own; the page is on the machine's loopback.
    let served = Served::by(by_user(&["ui"]));
    let own = format!("Host: 127.0.0.1:{}", served.port);
    let bearer = format!("Authorization: Bearer {}", served.token);
    let pair = "{\"from\":\"loc1-vm\",\"to\":\"hub-vm\"}";
    let traced = served.asks("POST /api/trace", &[&own, &bearer], pair);
    assert_eq!(traced.status, 200);
    let there: serde_json::Value = serde_json::from_str(&traced.body).expect("JSON");
    assert_eq!(there["there"]["reached"], true, "{there}");
    assert_eq!(there["back"]["reached"], true, "{there}");
    ran(by_user(&["down", LAB])).exits(0);
    assert_eq!(served.ends(), (Some(0), format!("lab {LAB} has ended\n")));
}

#[test]
fn whoever_is_slow_or_silent_keeps_nobody_out() {
    let Some(_machine) = Machine::enter("whoever_is_slow_or_silent_keeps_nobody_out") else {
        return;
    };
    lab(LAB, &["up", LAB]).exits(0);
    // Fewer descriptors than connections.
    let words = ["--nofile=64:64", machine::LAB, "ui"];
    let served = Served::by(about(LAB, "prlimit", &words));
    let mut page = served.listens();
    let strangers: Vec<TcpStream> = (0..150)
        .map(|number| {
            let mut stream = served.connects();
            let said: &[u8] = if number % 2 == 0 {
                b""
            } else {
                b"GET / HTTP/1.1\r\nHo"
            };
            stream.write_all(said).expect("a connection");
            stream
        })
        .collect();
    let [own, bearer] = served.own();
    assert_eq!(
        served.asks("GET /api/lab", &[&own, &bearer], "").status,
        200
    );
    // The earlier page has kept its connection.
    lab(LAB, &["fault", "er1-primary"]).exits(0);
    hears(&mut page, "er1-primary was taken down");
    drop(strangers);
    lab(LAB, &["down", LAB]).exits(0);
    hears(&mut page, "event: ended");
    assert_eq!(served.ends(), (Some(0), format!("lab {LAB} has ended\n")));
}

#[test]
fn only_a_few_probes_wait_for_their_turn() {
    let Some(_machine) = Machine::enter("only_a_few_probes_wait_for_their_turn") else {
        return;
    };
    lab(LAB, &["up", LAB]).exits(0);
    let served = Served::start();
    let [own, bearer] = served.own();
    let pings = || {
        let pair = "{\"from\":\"loc1-vm\",\"to\":\"hub-vm\"}";
        served.asks("POST /api/ping", &[&own, &bearer], pair)
    };
    let answers: Vec<Answer> = thread::scope(|scope| {
        let asking: Vec<_> = (0..64).map(|_| scope.spawn(pings)).collect();
        let answers = asking.into_iter().map(|one| one.join().expect("an answer"));
        answers.collect()
    });
    let refused = answers.iter().filter(|answer| answer.status == 503);
    assert!(refused.clone().count() > 0, "all waited");
    for answer in refused {
        assert!(
            answer.body.contains("try again when they are done"),
            "{answer:#?}"
        );
    }
    let is_known = |answer: &Answer| [200, 503].contains(&answer.status);
    assert!(answers.iter().all(is_known), "{answers:#?}");
    assert_eq!(pings().status, 200);
    lab(LAB, &["down", LAB]).exits(0);
    assert_eq!(served.ends().0, Some(0));
}

#[test]
fn a_page_without_descriptors_ends_with_an_error() {
    let Some(_machine) = Machine::enter("a_page_without_descriptors_ends_with_an_error") else {
        return;
    };
    lab(LAB, &["up", LAB]).exits(0);
    for limit in 5..20 {
        let limit = format!("--nofile={limit}:{limit}");
        let mut page = about(LAB, "prlimit", &[&limit, machine::LAB, "ui"])
            .spawn()
            .expect("prlimit");
        let mut said = BufReader::new(page.stdout.take().expect("its output"));
        let mut line = String::new();
        said.read_line(&mut line).expect("its output");
        if !line.is_empty() {
            send(page.id(), Signal::SIGINT);
        }
        let ended = end(page);
        let code = if line.is_empty() { 3 } else { 0 };
        assert_eq!(ended.code, Some(code), "{limit}: {ended:#?}");
        assert!(!ended.complained.contains("panicked"), "{ended:#?}");
    }
    lab(LAB, &["down", LAB]).exits(0);
}
