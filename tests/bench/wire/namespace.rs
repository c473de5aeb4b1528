//! Unnamed network namespaces, and programs in them.
#![expect(
    clippy::disallowed_methods,
    reason = "Debian's programs measure, in namespaces that no lab has"
)]

use std::{
    fs::File,
    os::fd::AsRawFd,
    process::{self, Child, Command, Stdio},
    thread,
};

use nix::sched::{CloneFlags, setns, unshare};

/// A namespace that ends with this value and with its processes.
pub(super) struct Namespace(File);

/// A program that is killed when dropped.
pub(super) struct Program(Child);

impl Namespace {
    pub(super) fn create() -> Self {
        on_fresh_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET).expect("namespaces need root");
            Self(File::open("/proc/thread-self/ns/net").expect("/proc is mounted"))
        })
    }

    /// The path for other programs.
    pub(super) fn path(&self) -> String {
        format!("/proc/{}/fd/{}", process::id(), self.0.as_raw_fd())
    }

    pub(super) fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        on_fresh_thread(|| {
            setns(&self.0, CloneFlags::CLONE_NEWNET).expect("the namespace is a namespace");
            work()
        })
    }

    /// The output of a command inside.
    ///
    /// # Panics
    ///
    /// If the command fails.
    pub(super) fn run(&self, command: &str) -> String {
        let output = self.within(|| words(command).output().expect("the program is installed"));
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).expect("programs print text")
    }

    /// Starts a program inside and leaves it running.
    pub(super) fn start(&self, command: &str) -> Program {
        let child = self.within(|| {
            words(command)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
        });
        Program(child.expect("the program is installed"))
    }

    /// Runs a command until it succeeds.
    ///
    /// # Panics
    ///
    /// If it never succeeds.
    pub(super) fn run_until_it_succeeds(&self, command: &str) {
        let succeeds = |_: &u32| {
            self.within(|| words(command).output())
                .is_ok_and(|output| output.status.success())
        };
        assert!((0..1000).any(|attempt| succeeds(&attempt)), "{command}");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may already have ended.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn words(command: &str) -> Command {
    let mut words = command.split_whitespace();
    let mut program = Command::new(words.next().expect("a command has a word"));
    program.args(words);
    program
}

fn on_fresh_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| {
        scope
            .spawn(work)
            .join()
            .expect("the thread's own message tells")
    })
}
