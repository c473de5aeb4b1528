//! Files under /proc/sys/net, in the calling thread's namespace.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::OnceLock;
use std::{fs, thread};

use rustix::fs::{Mode, OFlags, openat};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

/// Their place in the proc file system.
const DIRECTORY: &str = "sys/net";

/// The mount point of the proc file system.
const PROC: &str = "/proc";

/// How many namespaces are set through one view.
const AT_ONCE: usize = 64;

/// The settings of a new namespace.
pub type Preset = BTreeMap<&'static str, String>;

/// Views of the settings of many namespaces, each view for some of them.
///
/// The kernel searches one by one through the files of the same name of all namespaces seen through the same mount. So
/// each group of namespaces gets a private mount.
pub(super) struct Views(Vec<OnceLock<Option<OwnedFd>>>);

impl Views {
    /// Views for that many namespaces.
    pub(super) fn of(namespaces: usize) -> Self {
        let lots = namespaces.div_ceil(AT_ONCE);
        Self((0..lots).map(|_| OnceLock::new()).collect())
    }

    /// Applies a namespace's settings, from inside it, except those that a new namespace already has. `number` is its
    /// position among all.
    ///
    /// # Errors
    ///
    /// The first setting that fails, with its error.
    pub(super) fn apply(
        &self,
        number: usize,
        settings: &[(&'static str, &'static str)],
        preset: &Preset,
    ) -> Result<(), (&'static str, &'static str, io::Error)> {
        let differs = |key, value| preset.get(key).is_none_or(|preset| preset != value);
        let mut changed = settings.iter().filter(|(key, value)| differs(*key, *value));
        changed.try_for_each(|(key, value)| {
            self.write(number, key, value)
                .map_err(|error| (*key, *value, error))
        })
    }

    fn write(&self, number: usize, key: &str, value: &str) -> io::Result<()> {
        let file = Path::new(DIRECTORY).join(key);
        // The first group uses the existing mount: few labs have a second.
        let lot = number / AT_ONCE;
        let view = self.0.get(lot).filter(|_| lot > 0);
        match view.and_then(|view| view.get_or_init(|| mount().ok()).as_ref()) {
            Some(view) => {
                let opened = openat(view, &file, OFlags::WRONLY | OFlags::CLOEXEC, Mode::empty())?;
                fs::File::from(opened).write_all(value.as_bytes())
            }
            None => fs::write(Path::new(PROC).join(file), value),
        }
    }
}

impl Drop for Views {
    /// Unmounting takes milliseconds, so another thread does it.
    fn drop(&mut self) {
        let mounts: Vec<OwnedFd> = self
            .0
            .drain(..)
            .filter_map(|view| view.into_inner().flatten())
            .collect();
        if !mounts.is_empty() {
            thread::spawn(move || drop(mounts));
        }
    }
}

/// A mount of the proc file system without a directory.
fn mount() -> io::Result<OwnedFd> {
    let system = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&system)?;
    Ok(fsmount(
        &system,
        FsMountFlags::FSMOUNT_CLOEXEC,
        MountAttrFlags::empty(),
    )?)
}

/// Reads settings of the calling thread's namespace. A setting that cannot be read is left out.
pub(super) fn read(keys: impl Iterator<Item = &'static str>) -> Preset {
    let read = |key| {
        let text = fs::read_to_string(Path::new(PROC).join(DIRECTORY).join(key)).ok()?;
        Some((key, text.trim_end().to_owned()))
    };
    keys.filter_map(read).collect()
}
