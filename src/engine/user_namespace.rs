//! Labs without root: makes the calling process root in a user namespace.
//!
//! A lab of a user who is not root is in a user namespace. Its supervisor creates it, and every command about the lab
//! joins it. It ends with its last process, and the lab's namespaces end with it.

use std::path::Path;

use nix::unistd::geteuid;

use crate::engine::EngineError;
use crate::engine::client;
use crate::engine::down::end;
use crate::engine::running::folder;
use crate::kernel::netns;
use crate::kernel::user_namespace::{self, Refused};
use crate::store::{self, Folder};

/// Whether a process needs a user namespace to create and enter network namespaces.
#[must_use]
pub fn needs_user_namespace() -> bool {
    !geteuid().is_root()
}

/// Creates a user namespace, if the calling process needs one. The process must have one thread, and cannot leave it
/// again.
///
/// # Errors
///
/// [`EngineError::NoUserNamespace`], if the machine does not allow it.
pub fn begin_user_namespace() -> Result<(), EngineError> {
    if !needs_user_namespace() {
        return Ok(());
    }
    // It is created with the first lab in it, and visible from inside then.
    user_namespace::begin(Path::new(store::ROOT), &store::root()).map_err(no_user_namespace)
}

/// Enters the user namespace of a lab's supervisor, if the calling process needs one. If the supervisor has died, and
/// the lab's namespaces with it, a new one is created, in which they are missing.
///
/// # Errors
///
/// [`EngineError::NoUserNamespace`], and the errors of [`running`](super::running) for a lab that is not up.
pub fn enter_user_namespace(name: Option<&str>) -> Result<(), EngineError> {
    if !needs_user_namespace() {
        return Ok(());
    }
    if join_user_namespace(&folder(name)?)? {
        return Ok(());
    }
    begin_user_namespace()
}

/// Enters the user namespace of a lab, if the process needs one and the lab has one. Returns whether the lab has one.
///
/// # Errors
///
/// [`EngineError::NoUserNamespace`].
pub fn join_user_namespace(folder: &Folder) -> Result<bool, EngineError> {
    if !needs_user_namespace() {
        return Ok(false);
    }
    match client::supervisor(folder) {
        Some(process) => user_namespace::join(process)
            .map_err(no_user_namespace)
            .map(|()| true),
        None => Ok(false),
    }
}

/// Ends users' processes in their lab whose supervisor was killed: only these processes keep its namespaces. Returns
/// their number. Must be called from outside a user namespace, where other processes are visible.
#[must_use]
pub fn end_strays(folder: &Folder) -> usize {
    if !needs_user_namespace() {
        return 0;
    }
    let prefix = format!("{}.", folder.lab());
    let supervisor = client::supervisor(folder);
    end(&user_namespace::strays(&store::root(), &prefix, supervisor))
}

/// Whether a lab that the calling user does not have belongs to root: all users see pinned namespaces.
#[must_use]
pub(super) fn is_roots(lab: &str) -> bool {
    needs_user_namespace() && !netns::pinned(&format!("{lab}.")).is_empty()
}

/// Whether root has labs up; the calling user cannot see anything else of them.
#[must_use]
pub fn roots_are_hidden() -> bool {
    needs_user_namespace() && Path::new(store::ROOT).exists()
}

fn no_user_namespace((action, source): Refused) -> EngineError {
    EngineError::NoUserNamespace {
        action,
        remedy: user_namespace::remedy(user_namespace::setting),
        source,
    }
}
