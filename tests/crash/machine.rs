//! A separate machine for a test, and the programs in it.

use std::env;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use nix::sys::signal::{Signal, kill};
use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
use nix::unistd::{Pid, geteuid};

use crate::boot;

/// The program under test.
pub(crate) const LAB: &str = env!("CARGO_BIN_EXE_lab");

/// Set if a test runs in its machine.
const INSIDE: &str = "LAB_CRASH_MACHINE";

/// Set to the lab's name for every program of a test, and so for the supervisor that it starts.
const ABOUT: &str = "LAB_CRASH_ABOUT";

/// A seed to repeat a run with.
const SEED: &str = "LAB_CRASH_SEED";

/// The longest wait for something that usually takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(30);

/// Mounts in the machine before any lab: copies of the mounts of labs outside, which nothing in it uses.
static MOUNTED: OnceLock<Vec<String>> = OnceLock::new();

/// The directories that labs create if they are missing.
const DIRECTORIES: [&str; 3] = ["/run/netns", "/run/netns-lab", "/etc/netns"];

/// The machine that a test runs in. No remains of a lab may be left in it at the end.
#[derive(Debug)]
pub(crate) struct Machine;

impl Machine {
    /// Enters a machine: a test outside of one is run again in a new one, by its full name, and then returns.
    #[track_caller]
    pub(crate) fn enter(test: &str) -> Option<Self> {
        if env::var_os(INSIDE).is_some() {
            MOUNTED.get_or_init(mounted);
            return Some(Self);
        }
        assert!(geteuid().is_root(), "these tests need root");
        let output = boot::machine()
            .arg(env::current_exe().expect("this program"))
            .args(["--exact", test, "--nocapture", "--test-threads", "1"])
            .env(INSIDE, "yes")
            .stdin(Stdio::null())
            .output()
            .expect("util-linux's unshare");
        let said = String::from_utf8_lossy(&output.stdout);
        // Indented, so that they do not look like test results.
        said.lines().for_each(|line| println!("  {line}"));
        assert!(
            output.status.success() && said.contains("1 passed"),
            "{said}\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
        None
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if !thread::panicking() {
            assert_clean();
        }
    }
}

/// The number in a variable.
pub(crate) fn number(variable: &str) -> Option<u64> {
    env::var_os(variable)?.to_str()?.parse().ok()
}

/// The random seed: printed, so that a run can be repeated.
pub(crate) fn seed() -> u64 {
    let seed = number(SEED).unwrap_or_else(|| {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        now.expect("a clock past 1970").as_secs()
    });
    println!("{SEED}={seed}");
    seed
}

/// Prepares a program that belongs to a lab.
pub(crate) fn about(lab: &str, program: &str, words: &[&str]) -> Command {
    let mut command = Command::new(program);
    command
        .args(words)
        .env(ABOUT, lab)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// The end of a program, and its output.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) said: String,
    pub(crate) complained: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code(),
            said: String::from_utf8_lossy(&output.stdout).into_owned(),
            complained: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Ran {
    #[track_caller]
    pub(crate) fn exits(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.said).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}

/// Runs the program under test for a lab.
pub(crate) fn lab(name: &str, words: &[&str]) -> Ran {
    let output = about(name, LAB, words).output();
    output.expect("the program under test").into()
}

/// Waits for a program that was started.
pub(crate) fn end(child: Child) -> Ran {
    child
        .wait_with_output()
        .expect("a child can be waited for")
        .into()
}

/// The processes of the program under test that belong to a lab, with their command lines.
pub(crate) fn programs(name: &str) -> Vec<(u32, String)> {
    let tag = format!("{ABOUT}={name}");
    let is_about = |process: &Path| {
        let environment = environment(process);
        let mut variables = environment.split(|byte| *byte == 0);
        variables.any(|variable| variable == tag.as_bytes())
            && fs::read_to_string(process.join("comm")).is_ok_and(|name| name.trim() == "lab")
    };
    let words = |process: &Path| {
        let line = fs::read(process.join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&line).replace('\0', " ")
    };
    let processes = processes().into_iter();
    let own = processes.filter(|(_, path)| is_about(path));
    own.map(|(pid, path)| (pid, words(&path))).collect()
}

/// The environment of a process. It is briefly empty while the process executes another program or ends.
fn environment(process: &Path) -> Vec<u8> {
    let mut environment = Vec::new();
    wait_until("a process has an environment, or has ended", || {
        environment = fs::read(process.join("environ")).unwrap_or_default();
        !environment.is_empty() || has_ended(process)
    });
    environment
}

/// Whether a process is gone or a zombie.
fn has_ended(process: &Path) -> bool {
    let stat = fs::read_to_string(process.join("stat")).unwrap_or_default();
    let state = stat
        .rsplit(") ")
        .next()
        .and_then(|rest| rest.chars().next());
    matches!(state, None | Some('Z' | 'X'))
}

fn processes() -> Vec<(u32, PathBuf)> {
    let numbered = |path: PathBuf| Some((path.file_name()?.to_str()?.parse().ok()?, path));
    entries("/proc").into_iter().filter_map(numbered).collect()
}

/// The supervisor of a lab.
pub(crate) fn supervisor(name: &str) -> Option<u32> {
    let programs = programs(name).into_iter();
    let mut supervisors = programs.filter(|(_, words)| words.contains("supervise"));
    supervisors.next().map(|(pid, _)| pid)
}

/// Sends a signal, unless the process has ended.
pub(crate) fn send(pid: u32, signal: Signal) {
    let _ = kill(
        Pid::from_raw(i32::try_from(pid).expect("a process number")),
        signal,
    );
}

/// Whether a process holds the lock of a lab's folder, by the kernel's list of its files.
pub(crate) fn holds_lock(pid: u32, name: &str) -> bool {
    let folder = folder(name);
    let files = entries(format!("/proc/{pid}/fd"));
    let mut own = files
        .into_iter()
        .filter(|file| fs::read_link(file).is_ok_and(|to| to == folder));
    own.any(|file| {
        let number = file.file_name().unwrap_or_default().to_owned();
        let told = fs::read_to_string(Path::new(&format!("/proc/{pid}/fdinfo")).join(number));
        told.is_ok_and(|text| text.contains("FLOCK"))
    })
}

/// A lab's folder.
pub(crate) fn folder(name: &str) -> PathBuf {
    Path::new("/run/netns-lab").join(name)
}

/// Waits until no program works on a lab: all have ended, except a supervisor that answers.
#[track_caller]
pub(crate) fn settle(name: &str) {
    wait_until(&format!("what works on {name} is done"), || {
        let programs = programs(name);
        programs.is_empty() || programs.len() == 1 && is_served(name, programs[0].0)
    });
}

/// The status of a lab's supervisor.
pub(crate) fn asked(name: &str) -> serde_json::Value {
    let mut stream = UnixStream::connect(folder(name).join("control.sock")).expect("a supervisor");
    stream
        .write_all(b"\"status\"\n")
        .expect("a supervisor that hears");
    let mut answer = String::new();
    let read = BufReader::new(stream).read_line(&mut answer);
    read.expect("a supervisor that answers");
    serde_json::from_str(&answer).expect("JSON")
}

/// Whether a process answers for a lab, and has released its lock. One that is about to end still has its socket.
pub(crate) fn is_served(name: &str, pid: u32) -> bool {
    let Ok(mut stream) = UnixStream::connect(folder(name).join("control.sock")) else {
        return false;
    };
    let peer = getsockopt(&stream, PeerCredentials).map(|peer| peer.pid().unsigned_abs());
    let mut answer = String::new();
    let answered = stream
        .set_read_timeout(Some(PATIENCE))
        .and_then(|()| stream.write_all(b"\"status\"\n"))
        .and_then(|()| BufReader::new(stream).read_line(&mut answer));
    answered.is_ok() && !answer.is_empty() && peer == Ok(pid) && !holds_lock(pid, name)
}

/// Waits until a condition is true.
#[track_caller]
pub(crate) fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(
            began.elapsed() < PATIENCE,
            "not within {PATIENCE:?}: {what}"
        );
        thread::sleep(Duration::from_millis(1));
    }
}

/// The entries of a directory; empty if it is missing.
pub(crate) fn entries(directory: impl AsRef<Path>) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).into_iter().flatten().flatten();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    paths.sort();
    paths
}

/// Everything with a lab's name.
pub(crate) fn traces(name: &str) -> Vec<String> {
    let bears = |path: &PathBuf| {
        let file = path.file_name().unwrap_or_default().to_string_lossy();
        file == name || file.starts_with(&format!("{name}."))
    };
    let mut found: Vec<String> = DIRECTORIES
        .iter()
        .flat_map(entries)
        .filter(bears)
        .map(|path| path.display().to_string())
        .collect();
    let needle = format!("/{name}.");
    found.extend(mounts().into_iter().filter(|line| line.contains(&needle)));
    let programs = programs(name).into_iter();
    found.extend(programs.map(|(pid, words)| format!("{pid}: {words}")));
    found
}

/// The mounts of this machine's labs.
fn mounts() -> Vec<String> {
    let before = MOUNTED.get_or_init(mounted);
    let now = mounted().into_iter();
    now.filter(|mount| !before.contains(mount)).collect()
}

/// The mounts of namespaces.
fn mounted() -> Vec<String> {
    let mounts = fs::read_to_string("/proc/self/mountinfo").expect("the mounts");
    let ours = mounts
        .lines()
        .filter(|line| line.contains("netns") || line.contains("nsfs"));
    ours.map(str::to_owned).collect()
}

/// Asserts that nothing of any lab is left in this machine: no directory, mount, process, interface or nftables table.
/// Without mounts and processes, only the machine's own namespaces exist.
#[track_caller]
pub(crate) fn assert_clean() {
    wait_until("processes have ended", || strangers().is_empty());
    let mut left: Vec<String> = DIRECTORIES
        .iter()
        .filter(|path| Path::new(path).exists())
        .map(|path| format!("{path} with {:?}", entries(path)))
        .collect();
    left.extend(mounts());
    let interfaces = fs::read_to_string("/proc/net/dev").expect("the interfaces");
    let named = interfaces
        .lines()
        .filter_map(|line| Some(line.split_once(':')?.0.trim()));
    left.extend(named.filter(|name| *name != "lo").map(str::to_owned));
    let tables = Command::new("nft").args(["list", "tables"]).output();
    let tables = tables.expect("nft").stdout;
    left.extend(String::from_utf8_lossy(&tables).lines().map(str::to_owned));
    assert_eq!(left, Vec::<String>::new());
}

/// Every process of the machine except the first and this one.
fn strangers() -> Vec<u32> {
    let own = [1, std::process::id()];
    let pids = processes().into_iter().map(|(pid, _)| pid);
    pids.filter(|pid| !own.contains(pid)).collect()
}
