//! Runs a program inside a node.
#![expect(
    clippy::disallowed_methods,
    reason = "a user's own program is started here, in place of this one"
)]

use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::{env, io, panic, thread};

use crate::engine::{EngineError, Up};
use crate::kernel::{netns, programs};
use crate::store::views;
use crate::topology::NodeId;

/// A node to run a program in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    namespace: String,
    etc: PathBuf,
    prompt: String,
}

/// The namespace to run a program in.
#[must_use]
pub fn enter(up: &Up, node: NodeId) -> Inside {
    let name = &up.lab.topology.node(node).name;
    Inside {
        namespace: up.lab.plan.namespace(node),
        etc: up.folder.etc(&views::folder_of(&up.lab.topology, node)),
        prompt: format!("[{}:{name}] ", up.folder.lab()),
    }
}

/// Replaces this process with a program inside a node; without words, with the user's shell. Returns only on failure.
///
/// # Errors
///
/// [`EngineError::System`].
#[must_use]
pub fn exec(inside: &Inside, words: &[String]) -> EngineError {
    thread::scope(|scope| {
        // The thread that enters becomes the program, so nothing needs to be restored.
        let entering = scope.spawn(|| become_program(inside, words));
        entering
            .join()
            .unwrap_or_else(|cause| panic::resume_unwind(cause))
    })
}

fn become_program(inside: &Inside, words: &[String]) -> EngineError {
    if let Err((action, source)) = netns::enter_for_good(&inside.namespace, &inside.etc) {
        return EngineError::system(
            format!("enter namespace {}: {action}", inside.namespace),
            source,
        );
    }
    let mut command = match words {
        [] => shell(inside),
        [program, arguments @ ..] => {
            let mut command = Command::new(program);
            command.args(arguments);
            command
        }
    };
    // Inside, the user has the rights that system programs need.
    command.env("PATH", programs::path());
    let program = command.get_program().to_string_lossy().into_owned();
    let source: io::Error = command.exec();
    EngineError::system(format!("run `{program}`"), source)
}

fn shell(inside: &Inside) -> Command {
    let shell = env::var_os("SHELL").unwrap_or_else(|| "/bin/sh".into());
    let mut command = Command::new(shell);
    command
        .env("debian_chroot", inside.prompt.trim())
        .env("PS1", format!("{}\\$ ", inside.prompt));
    command
}
