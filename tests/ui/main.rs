//! `lab ui` in a real browser: what a person sees and does there, what others do meanwhile, and who is let in.
//!
//! Lab, server and browser are in a machine of the test's own. The test needs root, and says so without it.
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
use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStdout, Command};

use nix::sys::signal::Signal;

use browser::{Answer, Browser, http};
use machine::{Machine, Ran, about, end, lab, send};

/// A lab with everything that the page shows.
const LAB: &str = "hub-spoke";

/// Keys of the keyboard, as `WebDriver` names them.
const TAB: char = '\u{e004}';
const ENTER: char = '\u{e007}';

/// What can be reached by keyboard, or is said by a screen reader as something to act on.
const CONTROLS: &str = "button, select, summary, [tabindex='0'], [role='button'], [role='tab']";

/// A user who is not root.
const USER: &str = "61811";

/// Has that user find the program under test, a TUN device as udev makes it, and a place for labs of their own.
const MAKE_ROOM: &str = "set -e; cp \"$1\" /run/lab; chmod 755 /run /run/lab; \
    mkdir -p /run/user /run/devices; install -d -o \"$2\" /run/user/\"$2\"; \
    mount -t tmpfs -o mode=755 tmpfs /run/devices; mknod -m 666 /run/devices/tun c 10 200; \
    mount --bind /run/devices/tun /dev/net/tun";

/// An order that mends what is broken.
const HEAL: &str = "{\"names\":[],\"fate\":\"heal\"}";

/// The program under test, to be started by the user.
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

/// A page that is served.
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

    /// Asks with these headers, and hears the answer.
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

    /// Nobody is let in without the token, under another name, or from another page.
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

    /// The exit code, and what was said after the link.
    fn ends(mut self) -> (Option<i32>, String) {
        let mut rest = String::new();
        self.said.read_line(&mut rest).expect("its last line");
        (end(self.program).code, rest)
    }
}

/// Who is at each hop of the trace there that is shown; a silent one in brackets.
fn hops(browser: &Browser) -> String {
    browser.wait("document.querySelector('#result:not([aria-busy]) table')");
    let rows = browser.script(
        "const rows = [...document.querySelector('#result table').tBodies[0].rows];
         const names = rows.filter((row) => !row.matches('.note')).map(({ cells }) => cells[1]);
         return names.map((cell) => (cell.querySelector('span')?.firstChild ?? cell).textContent).join(' ')",
    );
    rows.as_str().expect("a text").to_owned()
}

/// A link's names in the picture that have a class.
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

/// Whether a link of the picture is as a selector says.
fn link(name: &str, selector: &str) -> String {
    format!("document.querySelector('[data-link=\"{name}\"]').matches('{selector}')")
}

/// The newest event that contains some words.
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

/// Two nodes are clicked, and packets are seen to take the circuit; its link is taken down by a click, and the VPN takes
/// its place; the link is healed.
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
    assert!(why.contains("beat BGP hub-vpngw"), "{why}");
    assert!(browser.texts("#result .outcome")[1].starts_with("Back, hub-vm to loc1-vm: reached"));

    browser.click("[data-link='er1-primary']");
    browser.click("#down");
    browser.wait(&link("er1-primary", ".down"));
    browser.wait(&event("er1-primary was taken down"));
    browser.wait(&event("12 routes of 9 nodes changed"));
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

/// What others do to the lab is seen without asking.
fn hears_of_others(browser: &Browser) {
    lab(LAB, &["fault", "er2-primary", "--blackhole"]).exits(0);
    browser.wait(&link("er2-primary", ".blackhole"));
    lab(LAB, &["impair", "er2-secondary", "--delay", "5ms"]).exits(0);
    browser.wait(&link("er2-secondary", ".impaired"));
    browser.wait(&event("loc2-ce2 to er2-msee2: delay 5ms"));
    // By nobody's command.
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

/// A trace by keys alone: by Tab to a node and by Enter, twice.
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

/// Every control has a name, in whichever panel it is, and no two elements have one id.
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

/// A lab that becomes what another file says has another picture.
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
    // A session has a loopback of its own; the page is at that of everybody else.
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
