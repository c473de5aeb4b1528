//! The reports of a verification that did not finish. They contain the error instead of the result.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use crate::cli::exit::CommandError;
use crate::cli::verify::reports::{Outlets, Part};

/// The destinations of the reports. The first to finish writes them: the verification, or the thread that interrupts
/// it.
#[derive(Clone)]
pub(super) struct LastWord {
    outlets: Arc<Mutex<Option<Outlets>>>,
    lab: String,
}

impl LastWord {
    pub(super) fn new(outlets: Outlets, lab: String) -> Self {
        Self {
            outlets: Arc::new(Mutex::new(Some(outlets))),
            lab,
        }
    }

    /// Writes the result, unless the reports are already written.
    pub(super) fn write(&self, part: Part) -> Result<(), CommandError> {
        let mut outlets = self.outlets.lock().unwrap_or_else(PoisonError::into_inner);
        match outlets.take() {
            Some(outlets) => outlets.write(&[part]),
            None => Ok(()),
        }
    }

    /// Writes the error as the result, unless the reports are already written.
    pub(super) fn tell(&self, error: &CommandError) -> Result<(), CommandError> {
        self.write(Part::unproved(&self.lab, error))
    }

    /// The same, for the thread that ends this process.
    pub(super) fn of_a_guard(&self) -> Box<dyn FnOnce(&CommandError) + Send> {
        let own = self.clone();
        Box::new(move |error| {
            // The error itself is printed as well.
            let _ = own.tell(error);
        })
    }
}

/// A label for a lab that may not exist: the name of its file without folder and extension.
pub(super) fn label(name: Option<&str>, lab: Option<&str>) -> String {
    let stem = name.and_then(|name| Path::new(name).file_stem());
    let stem = stem.map(|stem| stem.to_string_lossy().into_owned());
    stem.or_else(|| lab.map(str::to_owned))
        .unwrap_or_else(|| "unknown".to_owned())
}
