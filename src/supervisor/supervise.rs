//! The life of a supervisor: it builds, reports, and serves until a request ends it. After a signal it removes the lab.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};

use nix::unistd::{dup2_stderr, dup2_stdout};
use tokio::net::UnixListener;
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};

use crate::control::{Choice, LONGEST_REQUEST, Order, Phase, Report, Started};
use crate::engine::{self, EngineError, Interrupts, Lab};
use crate::names::LabName;
use crate::privilege;
use crate::store::{Folder, Lock};
use crate::supervisor::callers::Callers;
use crate::supervisor::detach::detach;
use crate::supervisor::ending::{Ending, check_wanted};
use crate::supervisor::error::SupervisorError;
use crate::supervisor::follow::Follower;
use crate::supervisor::live::{self, Built, DataPlane};
use crate::supervisor::reserve::Reserve;
use crate::supervisor::serve::{End, failed, serve, told};
use crate::supervisor::stopwatch::Stopwatch;
use crate::yaml::Source;

/// The lab of this process.
struct Attended {
    data_plane: DataPlane,
    callers: Callers,
    follower: Follower,
    told: Report,
}

/// Builds the lab from standard input, reports on standard output, and stays with it. The command passes the lab's lock
/// as standard error, so that it is held at every moment.
///
/// # Errors
///
/// Errors that cannot be reported on standard output.
pub fn supervise(lab: &LabName) -> io::Result<()> {
    detach()?;
    let interrupts = Interrupts::hold_alone()?;
    let mut reserve = Reserve::default();
    reserve.fill();
    let folder = Folder::of(lab);
    let lock = match Lock::passed_on(&folder, io::stderr().as_fd()) {
        Ok(lock) => lock,
        Err(error) => return report(&failed(&error.into())),
    };
    let mut watch = Stopwatch::start();
    let (runtime, lab, choice) = match begin(&folder, &mut watch) {
        Ok(begun) => begun,
        Err(refusal) => {
            let _ = engine::release(&folder, lock);
            // If the command has ended, the report is not read.
            let _ = report(&refusal.told());
            return Ok(());
        }
    };
    let check = || check_wanted(folder.lab(), &interrupts);
    let built = runtime.block_on(async {
        let built = build_and_listen(lab, choice, (&folder, &lock), watch, &check).await?;
        privilege::settle().map_err(|source| SupervisorError::system("give up rights", source))?;
        Ok(built)
    });
    match built {
        Ok(mut attended) => {
            attended.callers.keep(reserve);
            stay(runtime, attended, (&folder, lock), &interrupts)
        }
        Err(error) => {
            drop(runtime);
            // The first error is reported; a second one while undoing is its consequence.
            let _ = engine::undo(&folder, lock);
            let _ = report(&failed(&error));
            Ok(())
        }
    }
}

/// Why nothing is built.
enum Refusal {
    /// A failure.
    Failed(SupervisorError),
    /// The text has errors.
    NoLab,
    /// The text is that of a lab with this other name.
    Named(LabName),
}

impl Refusal {
    fn told(&self) -> Started {
        match self {
            Self::Failed(error) => failed(error),
            Self::NoLab => Started::NoLab,
            Self::Named(name) => Started::Named(name.to_string()),
        }
    }
}

/// Makes this process a supervisor, and reads its order. It does not touch a lab yet.
fn begin(folder: &Folder, watch: &mut Stopwatch) -> Result<(Runtime, Lab, Choice), Refusal> {
    let system = |action: &str, source| Refusal::Failed(SupervisorError::system(action, source));
    // Messages of libraries before there is a log are useless, and would be written to the lock.
    silence().map_err(|source| system("open /dev/null", source))?;
    // Before any thread starts: only a process with one thread may enter a user namespace.
    engine::begin_user_namespace().map_err(|error| Refusal::Failed(error.into()))?;
    privilege::confine().map_err(|source| system("give up rights", source))?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|source| system("begin to listen", source))?;
    hear_of_children(&runtime).map_err(|source| system("listen for signals", source))?;
    let order = order().map_err(|source| system("read what is to be built", source))?;
    let source = Source {
        file: order.file,
        text: order.text,
    };
    let lab =
        engine::load_timed(source, &mut |phase| watch.lap(phase)).map_err(|error| match error {
            EngineError::Findings(..) | EngineError::NotConverged(_) => Refusal::NoLab,
            error => Refusal::Failed(error.into()),
        })?;
    if lab.topology.name == *folder.lab() {
        Ok((runtime, lab, order.choice))
    } else {
        Err(Refusal::Named(lab.topology.name))
    }
}

/// Restores SIGCHLD, in case the command ignored it, so that the kernel reports the end of child processes.
fn hear_of_children(runtime: &Runtime) -> io::Result<()> {
    let _inside = runtime.enter();
    // Its handler stays, and replaces the inherited one.
    signal(SignalKind::child()).map(drop)
}

fn order() -> io::Result<Order> {
    let mut order = String::new();
    io::stdin()
        .take(LONGEST_REQUEST as u64)
        .read_to_string(&mut order)?;
    Ok(serde_json::from_str(&order)?)
}

async fn build_and_listen(
    lab: Lab,
    choice: Choice,
    (folder, lock): (&Folder, &Lock),
    mut watch: Stopwatch,
    check: &dyn Fn() -> Result<(), SupervisorError>,
) -> Result<Attended, SupervisorError> {
    check()?;
    engine::clear(folder, lock)?;
    log_to(folder)?;
    watch.lap(Phase::Supervisor);
    let Built {
        data_plane,
        live_lab,
        watches,
    } = live::build(lab, choice, folder, &mut |phase| watch.lap(phase), check).await?;
    let told = told(live_lab.topology());
    let follower = Follower::new(live_lab, watches)
        .map_err(|source| SupervisorError::system("listen for what happens to links", source))?;
    let listener = listen(folder)
        .map_err(|source| SupervisorError::system("open the supervisor's socket", source))?;
    watch.lap(Phase::Supervisor);
    Ok(Attended {
        data_plane,
        callers: Callers::at(listener),
        follower,
        told: Report {
            laps: watch.into_laps(),
            ..told
        },
    })
}

/// Reports that the lab is up, and serves it until a request ends it. The lock is held until the report was read: if
/// the command was killed, the lab is removed before another command can see it.
fn stay(
    runtime: Runtime,
    attended: Attended,
    (folder, lock): (&Folder, Lock),
    interrupts: &Interrupts,
) -> io::Result<()> {
    let Attended {
        mut data_plane,
        mut callers,
        mut follower,
        told,
    } = attended;
    let end = if report(&Started::Up(told)).is_ok() {
        drop(lock);
        runtime.block_on(async {
            let ending = Ending::of(interrupts, folder)?;
            Ok::<_, io::Error>(serve(&mut data_plane, &mut callers, &mut follower, ending).await)
        })?
    } else {
        End::Signal(Some(lock))
    };
    // The socket and everything that this process held are closed before anything else is removed.
    drop((callers, follower, data_plane));
    drop(runtime);
    match end {
        // The command that requested the end waits until this stream closes: it is closed last.
        End::Told(asker) => drop(asker),
        End::Signal(Some(lock)) => engine::undo(folder, lock).map_err(io::Error::other)?,
        End::Signal(None) => {}
    }
    Ok(())
}

/// Discards standard error until there is a log.
fn silence() -> io::Result<()> {
    Ok(dup2_stderr(File::options().write(true).open("/dev/null")?)?)
}

/// Sends standard error to the lab's log from here on.
fn log_to(folder: &Folder) -> Result<(), SupervisorError> {
    let open = OpenOptions::new()
        .create(true)
        .append(true)
        .mode(0o600)
        .open(folder.log());
    let log =
        open.map_err(|source| SupervisorError::system("open the supervisor's log", source))?;
    dup2_stderr(log)
        .map_err(|errno| SupervisorError::system("open the supervisor's log", errno.into()))
}

fn listen(folder: &Folder) -> io::Result<UnixListener> {
    let listener = UnixListener::bind(folder.socket())?;
    fs::set_permissions(folder.socket(), Permissions::from_mode(0o600))?;
    Ok(listener)
}

/// Reports the result, and closes standard output. Fails if the report is not read.
fn report(started: &Started) -> io::Result<()> {
    let mut output = io::stdout();
    let said = writeln!(output, "{}", serde_json::to_string(started)?);
    let said = said.and_then(|()| output.flush());
    if let Ok(nothing) = File::options().write(true).open("/dev/null") {
        let _ = dup2_stdout(nothing);
    }
    said
}
