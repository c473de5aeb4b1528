//! Unnamed namespaces, with a path between two of them.
#![expect(
    clippy::disallowed_methods,
    reason = "what is measured here runs in namespaces of its own, as does what drives it"
)]

use std::{
    fs::File,
    io,
    os::fd::AsRawFd,
    process::{self, Command, Output, Stdio},
    thread,
};

use nix::sched::{CloneFlags, setns, unshare};

/// A namespace that ends with this value and with its processes.
pub(crate) struct Space(File);

impl Space {
    /// Creates one, whose loopback interface is up.
    pub(crate) fn create() -> io::Result<Self> {
        let made = on_fresh_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET)?;
            File::open("/proc/thread-self/ns/net").map(Self)
        })?;
        made.run("ip link set lo up")?;
        Ok(made)
    }

    /// Runs a function inside.
    pub(crate) fn within<T: Send>(
        &self,
        work: impl FnOnce() -> io::Result<T> + Send,
    ) -> io::Result<T> {
        on_fresh_thread(|| {
            setns(&self.0, CloneFlags::CLONE_NEWNET)?;
            work()
        })
    }

    /// The file for other processes to enter it while this one lives.
    pub(crate) fn path(&self) -> String {
        format!("/proc/{}/fd/{}", process::id(), self.0.as_raw_fd())
    }

    /// The output of a command inside.
    pub(crate) fn run(&self, command: &str) -> io::Result<String> {
        let output = self.output(command)?;
        if output.status.success() {
            Ok(String::from_utf8_lossy(&output.stdout).into_owned())
        } else {
            Err(io::Error::other(format!("{command}: {output:?}")))
        }
    }

    /// The result of a command inside.
    pub(crate) fn output(&self, command: &str) -> io::Result<Output> {
        self.within(|| parse(command).output())
    }

    /// Starts a command inside, with its standard output piped.
    pub(crate) fn spawn(&self, command: &str) -> io::Result<process::Child> {
        self.within(|| {
            parse(command)
                .stdin(Stdio::null())
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
        })
    }
}

fn parse(command: &str) -> Command {
    let mut words = command.split_whitespace();
    let mut parsed = Command::new(words.next().unwrap_or_default());
    parsed.args(words);
    parsed
}

fn on_fresh_thread<T: Send>(work: impl FnOnce() -> io::Result<T> + Send) -> io::Result<T> {
    thread::scope(|scope| match scope.spawn(work).join() {
        Ok(result) => result,
        Err(_) => Err(io::Error::other("a thread inside a namespace panicked")),
    })
}

/// Two namespaces, each with an interface `u0`, with the addresses 192.0.2.1 and 192.0.2.2, and the switch between them
/// with the ports `p1` and `p2`.
pub(crate) struct Path {
    pub(crate) ends: [Space; 2],
    pub(crate) switch: Space,
}

impl Path {
    pub(crate) fn create() -> io::Result<Self> {
        let switch = Space::create()?;
        switch.run("ip link add name bridge0 type bridge mcast_snooping 0")?;
        switch.run("ip link set bridge0 up")?;
        let ends = [Space::create()?, Space::create()?];
        for (host, end) in (1..).zip(&ends) {
            switch.run(&format!(
                "ip link add p{host} type veth peer name u0 netns {}",
                end.path()
            ))?;
            switch.run(&format!("ip link set p{host} up master bridge0"))?;
            end.run(&format!("ip address add 192.0.2.{host}/24 dev u0"))?;
            end.run("ip link set u0 up")?;
        }
        Ok(Self { ends, switch })
    }
}
