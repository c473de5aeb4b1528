//! The tests' labs: variants of hub-spoke under other names, removed when a test ends.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::{Mutex, MutexGuard, PoisonError};

use nix::unistd::geteuid;

use crate::program::{self, Ran, command, run};
use crate::verification::Verification;

/// The lab file that the variants are based on.
pub(crate) const HUB_SPOKE: &str = include_str!("../../labs/hub-spoke.yaml");

/// Its name, to be replaced.
const NAME: &str = "name: hub-spoke\n";

/// Held by the test whose turn it is.
static TURN: Mutex<()> = Mutex::new(());

/// A test's turn, and a folder for its files.
#[derive(Debug)]
pub(crate) struct Turn {
    folder: PathBuf,
    _alone: MutexGuard<'static, ()>,
}

/// A variant of hub-spoke, up or not; removed when dropped.
#[derive(Debug)]
pub(crate) struct Lab {
    pub(crate) name: String,
    pub(crate) file: String,
}

/// Replacements in the lab file's text.
pub(crate) type Edits<'a> = &'a [(&'a str, &'a str)];

impl Turn {
    /// Waits for this test's turn.
    pub(crate) fn begin() -> Self {
        assert!(
            geteuid().is_root(),
            "these tests need root, to make and enter network namespaces"
        );
        // A failed test has also cleaned up.
        let alone = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        let folder = std::env::temp_dir().join(format!("lab-e2e-{}", process::id()));
        fs::create_dir(&folder).expect("a folder for the test's files");
        Self {
            folder,
            _alone: alone,
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Writes a file.
    pub(crate) fn file(&self, name: &str, text: &str) -> String {
        let path = self.folder.join(name);
        fs::write(&path, text).expect("a file in the test's own folder");
        path.to_str()
            .expect("a folder with a plain name")
            .to_owned()
    }

    /// A variant that is not up yet.
    pub(crate) fn lab(&self, label: &str, edits: Edits<'_>) -> Lab {
        let name = format!("{label}-{}", process::id());
        let file = self.variant(&name, label, edits);
        Lab { name, file }
    }

    /// Another lab file under a new name, not up yet.
    pub(crate) fn named_lab(&self, label: &str, text: &str) -> Lab {
        let name = format!("{label}-{}", process::id());
        let text = replace(
            text,
            &format!("name: {label}\n"),
            &format!("name: {name}\n"),
        );
        let file = self.file(&format!("{label}.yaml"), &text);
        Lab { name, file }
    }

    /// A variant that is up.
    pub(crate) fn lab_up(&self, label: &str, edits: Edits<'_>) -> Lab {
        let lab = self.lab(label, edits);
        program::lab(&["up", &lab.file]).exits(0);
        lab
    }

    /// Another file for the same lab.
    pub(crate) fn other_file(&self, lab: &Lab, label: &str, edits: Edits<'_>) -> String {
        self.variant(&lab.name, label, edits)
    }

    fn variant(&self, name: &str, label: &str, edits: Edits<'_>) -> String {
        let named = replace(HUB_SPOKE, NAME, &format!("name: {name}\n"));
        let text = edits
            .iter()
            .fold(named, |text, (from, to)| replace(&text, from, to));
        self.file(&format!("{label}.yaml"), &text)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // Remains are in the folder for temporary files.
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Lab {
    /// Runs a command about this lab.
    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        let (first, rest) = arguments.split_first().expect("a command");
        program::lab(&[&[*first, "--lab", &self.name], rest].concat())
    }

    pub(crate) fn down(&self) -> Ran {
        program::lab(&["down", &self.name])
    }

    /// Proves the expectations of its file.
    pub(crate) fn verify(&self) -> Verification {
        Verification::of(&self.run(&["verify", "--steady", "--json"]))
    }

    /// Its status, as JSON.
    pub(crate) fn status(&self) -> serde_json::Value {
        self.run(&["status", "--json"]).json()
    }

    pub(crate) fn supervisor(&self) -> u32 {
        let pid = self.status()["supervisor"]["pid"]
            .as_u64()
            .expect("a supervisor's process");
        u32::try_from(pid).expect("a process number")
    }

    pub(crate) fn namespace(&self, node: &str) -> String {
        format!("{}.{node}", self.name)
    }

    /// Prepares a program in a node's namespace, with `ip netns exec`.
    pub(crate) fn command_inside(&self, node: &str, words: &[&str]) -> Command {
        command(
            "ip",
            &[&["netns", "exec", &self.namespace(node)], words].concat(),
        )
    }

    /// Runs a program in a node's namespace, with `ip netns exec`.
    pub(crate) fn inside(&self, node: &str, words: &[&str]) -> Ran {
        program::finish(&mut self.command_inside(node, words))
    }

    /// Runs ip on a node's namespace.
    pub(crate) fn ip(&self, node: &str, words: &[&str]) -> Ran {
        run("ip", &[&["-n", &self.namespace(node)], words].concat()).exits(0)
    }

    /// The nodes of its pinned namespaces.
    pub(crate) fn pinned_nodes(&self) -> Vec<String> {
        let prefix = self.namespace("");
        let entries = fs::read_dir("/run/netns").into_iter().flatten().flatten();
        let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
        let mut nodes: Vec<String> = names
            .filter_map(|name| name.strip_prefix(&prefix).map(str::to_owned))
            .collect();
        nodes.sort();
        nodes
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        // A failing test must not leave a lab, nor may this hide why it failed.
        let _ = program::command(program::LAB, &["down", &self.name]).output();
    }
}

/// Replaces a text that occurs exactly once.
#[track_caller]
fn replace(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "`{from}` in the lab file");
    text.replace(from, to)
}
