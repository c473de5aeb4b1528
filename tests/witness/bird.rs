//! BIRD processes in a network of their own.
//!
//! All of them share one unnamed network namespace and one unnamed process namespace. Speakers connect over its
//! loopback interface, which answers for the whole range of session addresses; each listens only on its own address,
//! and none changes the kernel's routes. The shell that starts them is the namespace's first process and lives as long
//! as its input is open: when the test ends, for any reason, the kernel closes the input, the shell ends, and
//! everything else with it.
#![expect(
    clippy::disallowed_methods,
    reason = "this starts the programs that the solver is compared with"
)]

use std::fs;
use std::io::{self, BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{self, Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

use nix::unistd::geteuid;

use crate::configuration::RANGE;

/// The script of the first process: it starts a BIRD for each file of a folder, then waits.
const SCRIPT: &str = r#"
exec 2>&1
ip link set lo up && ip route add local "$2" dev lo || exit
for file in "$1"/*.conf; do
    bird -c "$file" -s "${file%.conf}.ctl" || exit
done
echo ready
read -r _
"#;

/// The remedy for a machine without BIRD.
const MISSING: &str =
    "these tests need BIRD 2, Debian's package bird2: run scripts/install --tests";

/// How many folders this process has created.
static FOLDERS: AtomicU32 = AtomicU32::new(0);

/// Running BIRDs, ended when dropped.
#[derive(Debug)]
pub(crate) struct Birds {
    first: Child,
    folder: Folder,
}

/// A folder, removed when dropped.
#[derive(Debug)]
struct Folder(PathBuf);

impl Birds {
    /// Starts a BIRD for each name and configuration. Returns when all of them answer.
    pub(crate) fn start(files: impl Iterator<Item = (String, String)>) -> Self {
        assert!(
            geteuid().is_root(),
            "these tests need root, to make a network namespace"
        );
        let version = Command::new("bird").arg("--version").output();
        assert!(version.is_ok(), "{MISSING}");
        let folder = Folder::new();
        for (name, text) in files {
            folder.write(&name, &text);
        }
        let mut birds = Self {
            first: first_process(&folder.0),
            folder,
        };
        let said = birds.first.stdout.take().expect("its output is a pipe");
        let lines = BufReader::new(said).lines().map_while(Result::ok);
        let mut complaints = Vec::new();
        for line in lines {
            if line == "ready" {
                return birds;
            }
            complaints.push(line);
        }
        panic!("BIRD did not start:\n{}", complaints.join("\n"));
    }

    /// Gives a BIRD another configuration; its sessions stay up.
    pub(crate) fn configure(&self, name: &str, text: &str) {
        self.folder.write(name, text);
        let answer = self.ask(name, "configure");
        assert!(!answer.contains("error"), "{name}: {answer}\n{text}");
    }

    /// The answer of a BIRD to a command.
    pub(crate) fn ask(&self, name: &str, command: &str) -> String {
        let path = self.folder.0.join(format!("{name}.ctl"));
        ask(&path, command).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
    }
}

impl Drop for Birds {
    fn drop(&mut self) {
        drop(self.first.stdin.take());
        // Its output is not read, and this must not hide why a test failed.
        let _ = self.first.wait();
    }
}

impl Folder {
    fn new() -> Self {
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("bgp-witness-{}-{number}", process::id());
        let path = std::env::temp_dir().join(name);
        fs::create_dir(&path).expect("a folder for BIRD's files");
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.0.join(format!("{name}.conf"));
        fs::write(path, text).expect("a file in the test's own folder");
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Remains are in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn first_process(folder: &Path) -> Child {
    let mut command = Command::new("unshare");
    command
        .args(["--net", "--pid", "--fork", "--kill-child"])
        .args(["sh", "-c", SCRIPT, "sh"])
        .arg(folder)
        .arg(RANGE)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let child = command.spawn();
    child.unwrap_or_else(|error| panic!("{command:?}: {error}"))
}

/// Sends a command to a control socket. Each line of an answer begins with a number or, if the number is the same as
/// before, with a space; in the last line, a space follows the number.
fn ask(socket: &Path, command: &str) -> io::Result<String> {
    let mut stream = UnixStream::connect(socket)?;
    writeln!(stream, "{command}")?;
    let mut answer = String::new();
    let mut lines = BufReader::new(stream).lines();
    // The first line is a greeting.
    lines.next().transpose()?;
    for line in lines {
        let line = line?;
        let is_numbered = line.starts_with(|first: char| first.is_ascii_digit());
        if is_numbered && line.as_bytes().get(4) == Some(&b' ') {
            break;
        }
        let text = line.get(if is_numbered { 5 } else { 1 }..);
        answer.push_str(text.unwrap_or_default());
        answer.push('\n');
    }
    Ok(answer)
}
