//! Namespaces that end with their test.

use super::*;

/// A namespace that exists as long as this value, or anything opened in it.
pub(super) struct Namespace(File);

impl Namespace {
    pub(super) fn create() -> Self {
        on_fresh_thread(|| {
            unshare(CloneFlags::CLONE_NEWNET).expect("these tests need root");
            Self(File::open("/proc/thread-self/ns/net").unwrap())
        })
    }

    pub(super) fn path(&self) -> String {
        format!("/proc/{}/fd/{}", process::id(), self.0.as_raw_fd())
    }

    pub(super) fn within<T: Send>(&self, work: impl FnOnce() -> T + Send) -> T {
        on_fresh_thread(|| {
            setns(&self.0, CloneFlags::CLONE_NEWNET).unwrap();
            work()
        })
    }

    /// The output of a command inside. The test fails if the command fails.
    pub(super) fn run(&self, command: &str) -> String {
        let output = self.output(command);
        assert!(output.status.success(), "{command}: {output:?}");
        String::from_utf8(output.stdout).unwrap()
    }

    /// The whole output of a command inside, which must fail.
    pub(super) fn run_in_vain(&self, command: &str) -> String {
        let output = self.output(command);
        assert!(!output.status.success(), "{command}: {output:?}");
        String::from_utf8([output.stdout, output.stderr].concat()).unwrap()
    }

    pub(super) fn output(&self, command: &str) -> Output {
        let mut words = command.split_whitespace();
        self.within(|| {
            Command::new(words.next().unwrap())
                .args(words)
                .output()
                .unwrap()
        })
    }

    /// A socket that receives a copy of every frame of every interface inside.
    pub(super) fn capture(&self) -> OwnedFd {
        let open = || {
            socket(
                AddressFamily::Packet,
                SockType::Raw,
                SockFlag::SOCK_NONBLOCK,
                SockProtocol::EthAll,
            )
        };
        self.within(open).unwrap()
    }
}

fn on_fresh_thread<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    thread::scope(|scope| scope.spawn(work).join().unwrap())
}
