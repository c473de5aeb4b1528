//! Files under /proc/sys/net, as the calling thread's namespace has them.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::Path;
use std::sync::OnceLock;
use std::{fs, thread};

use rustix::fs::{Mode, OFlags, openat};
use rustix::mount::{FsMountFlags, FsOpenFlags, MountAttrFlags, fsconfig_create, fsmount, fsopen};

/// Where they are in the file system of processes.
const DIRECTORY: &str = "sys/net";

/// Where that is mounted.
const PROC: &str = "/proc";

/// How many namespaces' settings are made in one view.
const AT_ONCE: usize = 64;

/// What a new namespace's settings are.
pub type Preset = BTreeMap<&'static str, String>;

/// Views of the settings of many namespaces, some of them each.
///
/// The kernel looks a file up among those of the same name of every namespace that was looked at in the same mount, one
/// after the other. So each lot of namespaces gets a mount of its own, which nobody else sees.
pub(super) struct Views(Vec<OnceLock<Option<OwnedFd>>>);

impl Views {
    /// Views for that many namespaces.
    pub(super) fn of(namespaces: usize) -> Self {
        let lots = namespaces.div_ceil(AT_ONCE);
        Self((0..lots).map(|_| OnceLock::new()).collect())
    }

    /// Sets a namespace's settings, from inside it, but for those that it has as it is made. `number` is its place among
    /// all.
    ///
    /// # Errors
    ///
    /// The first setting that cannot be made, and why.
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
        // The first lot goes by the mount that is there: few labs have a second.
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
    /// A mount takes the kernel milliseconds to end, for which nobody need wait.
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

/// A mount of the file system of processes that is in no directory.
fn mount() -> io::Result<OwnedFd> {
    let system = fsopen("proc", FsOpenFlags::FSOPEN_CLOEXEC)?;
    fsconfig_create(&system)?;
    Ok(fsmount(
        &system,
        FsMountFlags::FSMOUNT_CLOEXEC,
        MountAttrFlags::empty(),
    )?)
}

/// Reads settings of the calling thread's namespace. One that cannot be read is left out.
pub(super) fn read(keys: impl Iterator<Item = &'static str>) -> Preset {
    let read = |key| {
        let text = fs::read_to_string(Path::new(PROC).join(DIRECTORY).join(key)).ok()?;
        Some((key, text.trim_end().to_owned()))
    };
    keys.filter_map(read).collect()
}
