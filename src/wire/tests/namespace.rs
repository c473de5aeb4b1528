//! Network namespaces without a name, for tests.

use std::{
    fs::File,
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use nix::sched::{CloneFlags, setns, unshare};

use super::super::Tap;
use crate::names::IfName;

/// A namespace that exists as long as this value, or anything opened in it.
pub(super) struct Namespace(File);

/// A program that is killed when this is dropped.
pub(super) struct Program(Child);

impl Namespace {
    pub(super) fn create() -> Self {
        on_fresh_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET).expect("these tests need root");
            Self(File::open("/proc/thread-self/ns/net").unwrap())
        })
    }

    /// A namespace with an interface `w0` that is up.
    pub(super) fn with_tap(address: &str) -> (Self, Tap) {
        let namespace = Self::create();
        let tap = namespace
            .within(|| Tap::open(&IfName::new("w0").unwrap()))
            .unwrap();
        assert!(
            namespace
                .run("ip -o link show dev w0")
                .contains("state DOWN")
        );
        namespace.run(&format!("ip address add {address}/24 dev w0"));
        namespace.run("ip link set w0 up");
        (namespace, tap)
    }

    pub(super) fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        on_fresh_thread(|| {
            setns(&self.0, CloneFlags::CLONE_NEWNET).unwrap();
            work()
        })
    }

    /// The output of a command inside. The test fails if the command fails.
    pub(super) fn run(&self, command: &str) -> String {
        let output = self.within(|| words(command).output().unwrap());
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The output of a command inside, which may fail.
    pub(super) fn report(&self, command: &str) -> String {
        let output = self.within(|| words(command).output().unwrap());
        String::from_utf8(output.stdout).unwrap()
    }

    /// Starts a command inside.
    pub(super) fn start(&self, command: &str) -> Program {
        let mut program = words(command);
        program.stdout(Stdio::null());
        Program(self.within(|| program.spawn()).unwrap())
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.0.kill();
        self.0.wait().unwrap();
    }
}

/// Whether a condition becomes true. A program that another test is starting holds every descriptor for a moment, and a
/// started server needs a moment to listen.
pub(super) fn within_some_seconds(mut is_true: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(5) {
        if is_true() {
            return true;
        }
    }
    false
}

fn words(command: &str) -> Command {
    let mut words = command.split_whitespace();
    let mut program = Command::new(words.next().unwrap());
    program.args(words);
    program
}

fn on_fresh_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().unwrap())
}
