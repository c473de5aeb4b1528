//! Labs without root: has the calling process be root among namespaces of its user's own.
//!
//! A lab of a user who is not root lies in a session, which its supervisor begins and every command about the lab joins.
//! It ends with the last process in it, and the lab's namespaces with it.

use std::path::Path;

use nix::unistd::geteuid;

use crate::engine::EngineError;
use crate::engine::control;
use crate::engine::down::end;
use crate::engine::running::folder;
use crate::kernel::netns;
use crate::kernel::session::{self, Refused};
use crate::store::{self, Folder};

/// Whether a process needs a session to make and enter namespaces.
#[must_use]
pub fn needs_session() -> bool {
    !geteuid().is_root()
}

/// Begins a session, where the calling process needs one. It must have one thread, and is in the session for good.
///
/// # Errors
///
/// [`EngineError::NoSession`], where the machine does not allow it.
pub fn begin_session() -> Result<(), EngineError> {
    if !needs_session() {
        return Ok(());
    }
    // It is made with the first lab in it, and seen from inside then.
    session::begin(Path::new(store::ROOT), &store::root()).map_err(no_session)
}

/// Enters the session of a lab, where the calling process needs one: that of the lab's supervisor or, where that has
/// died and the lab's namespaces with it, a new one, in which they are missing.
///
/// # Errors
///
/// [`EngineError::NoSession`], and what [`running`](super::running) fails with for a lab that is not up.
pub fn enter_session(name: Option<&str>) -> Result<(), EngineError> {
    if !needs_session() {
        return Ok(());
    }
    if join_session(&folder(name)?)? {
        return Ok(());
    }
    begin_session()
}

/// Enters the session of a lab, where the calling process needs one and the lab has one. Says whether it has.
///
/// # Errors
///
/// [`EngineError::NoSession`].
pub fn join_session(folder: &Folder) -> Result<bool, EngineError> {
    if !needs_session() {
        return Ok(false);
    }
    match control::supervisor(folder) {
        Some(process) => session::join(process).map_err(no_session).map(|()| true),
        None => Ok(false),
    }
}

/// Ends what users left running in a lab of theirs whose supervisor was killed: nothing else keeps its namespaces. Says
/// how many processes that were. To be called from outside a session, from where alone others are seen.
#[must_use]
pub fn end_strays(folder: &Folder) -> usize {
    if !needs_session() {
        return 0;
    }
    let prefix = format!("{}.", folder.lab());
    let supervisor = control::supervisor(folder);
    end(&session::strays(&store::root(), &prefix, supervisor))
}

/// Whether a lab that is not the calling user's is root's: everybody may see what is pinned.
#[must_use]
pub(super) fn is_roots(lab: &str) -> bool {
    needs_session() && !netns::pinned(&format!("{lab}.")).is_empty()
}

/// Whether root has labs up of which the calling user knows no more than that.
#[must_use]
pub fn roots_are_hidden() -> bool {
    needs_session() && Path::new(store::ROOT).exists()
}

fn no_session((action, source): Refused) -> EngineError {
    EngineError::NoSession {
        action,
        remedy: session::remedy(session::setting),
        source,
    }
}
