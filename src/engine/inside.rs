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
use crate::kernel::netns::{self, NotEntered};
use crate::kernel::programs;
use crate::store::views;
use crate::topology::NodeId;

/// A node to run a program in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inside {
    namespace: String,
    node: String,
    etc: PathBuf,
    prompt: String,
}

/// The namespace to run a program in.
#[must_use]
pub fn enter(up: &Up, node: NodeId) -> Inside {
    let name = &up.lab.topology.node(node).name;
    Inside {
        namespace: up.lab.plan.namespace(node),
        node: name.to_string(),
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
    let entered = netns::enter_for_good(&inside.namespace, &inside.node, &inside.etc);
    match entered {
        Ok(()) => {}
        Err(NotEntered::NoMountPoint) => return EngineError::NoMountPoint,
        Err(NotEntered::Step(action, source)) => {
            return EngineError::system(
                format!("enter namespace {}: {action}", inside.namespace),
                source,
            );
        }
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
    not_run(&inside.node, &program, source)
}

/// Why a program could not be started. A script whose interpreter is missing is also not found, but its own file is.
fn not_run(node: &str, program: &str, source: io::Error) -> EngineError {
    let is_missing = source.kind() == io::ErrorKind::NotFound;
    if is_missing && program.trim().contains(char::is_whitespace) {
        return EngineError::Quoted {
            node: node.to_owned(),
            words: program.trim().to_owned(),
        };
    }
    if is_missing && !program.contains('/') && programs::find(program).is_none() {
        return EngineError::no_program(program);
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    fn missing(program: &str) -> String {
        not_run("hub-vm", program, io::ErrorKind::NotFound.into()).to_string()
    }

    #[test]
    fn a_missing_programs_package_is_named() {
        // Nothing of the machine that runs this test is asked for what it has.
        let hint = |name| EngineError::no_program(name).to_string();
        insta::assert_snapshot!(hint("traceroute"), @"there is no `traceroute` on this machine: install it, on Debian by `apt-get install traceroute`");
        insta::assert_snapshot!(hint("dig"), @"there is no `dig` on this machine: install it, on Debian by `apt-get install bind9-dnsutils`");
        insta::assert_snapshot!(missing("no-such-program"), @"there is no `no-such-program` on this machine; install the package that has it");
        insta::assert_snapshot!(missing("./script"), @"cannot run `./script`");
    }

    #[test]
    fn a_command_line_in_one_word_is_told_to_drop_its_quotes() {
        insta::assert_snapshot!(missing("ping -c 1 loc1-vm"), @"there is no program `ping -c 1 loc1-vm`: drop the quotes, as in `lab exec hub-vm -- ping -c 1 loc1-vm`");
        let denied = not_run(
            "hub-vm",
            "my program",
            io::ErrorKind::PermissionDenied.into(),
        );
        insta::assert_snapshot!(denied.to_string(), @"cannot run `my program`");
    }
}
