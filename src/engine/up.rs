//! Starts a supervisor, and waits until its lab is up.
#![expect(
    clippy::disallowed_methods,
    reason = "the one process that a lab needs is started here, and the clock read that bounds all of it"
)]

use std::io::{self, BufRead, BufReader, ErrorKind, Write};
use std::os::fd::AsFd;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use nix::errno::Errno;

use crate::control::{LONGEST_REQUEST, Order, Request, Started};
use crate::engine::client::{self, CHANGE_PATIENCE};
use crate::engine::{self, Came, EngineError, Interrupts, Removal, Unfinished};
use crate::lab;
use crate::names::LabName;
use crate::store::{Folder, Lock};
use crate::yaml::Source;

/// How long a build may take: many times the time for five thousand nodes.
pub const PATIENCE: Duration = Duration::from_mins(10);

/// The hidden command that makes this program a supervisor.
pub const COMMAND: &str = "supervise";

/// How long all of it may take.
#[derive(Debug, Clone, Copy)]
struct Bound {
    patience: Duration,
    end: Instant,
}

impl Bound {
    fn left(self) -> Duration {
        self.end.saturating_duration_since(Instant::now())
    }
}

/// The result of [`start`].
pub struct Start {
    /// The supervisor's report.
    pub started: Started,
    /// Holds signals back since the build, if this process built the lab. A caller that must remove the lab on a signal
    /// keeps it, so that no signal comes between the build and its own handling.
    pub interrupts: Option<Interrupts>,
}

impl From<Started> for Start {
    fn from(started: Started) -> Self {
        Self {
            started,
            interrupts: None,
        }
    }
}

/// Brings a lab to the state in a file, by its present supervisor or a new one. Waits for other processes that change
/// the lab. In total it takes no longer than `patience`.
///
/// # Errors
///
/// [`EngineError::System`], if no supervisor could be started or it died, and [`EngineError::Store`] if another command
/// changes the lab for too long. A failed build is [`Started::Failed`].
pub fn start(order: &Order, patience: Duration) -> Result<Start, EngineError> {
    if is_too_long(order) {
        return Ok(Started::NoLab.into());
    }
    let bound = Bound {
        patience,
        end: Instant::now() + patience,
    };
    let Some(mut name) = name_in(order) else {
        return Ok(Started::NoLab.into());
    };
    loop {
        let start = start_as(&name, order, bound)?;
        // The name on a separate line of a text is not always its real name.
        let other = match &start.started {
            Started::Named(other) => LabName::new(other).ok(),
            _ => None,
        };
        match other {
            Some(other) if other != name => name = other,
            _ => return Ok(start),
        }
    }
}

/// Does the same for a lab with that name; changes nothing if the text has another name.
fn start_as(name: &LabName, order: &Order, bound: Bound) -> Result<Start, EngineError> {
    let folder = Folder::of(name);
    let (lock, interrupts) = if let Some(lock) = folder.lock_if_there()? {
        (lock, None)
    } else {
        // A signal during the creation of the folder must not leave the folder behind.
        let interrupts = hold()?;
        (folder.lock()?, Some(interrupts))
    };
    match change(&folder, order, bound.left())? {
        Started::NotHere => {}
        started => return Ok(started.into()),
    }
    let interrupts = interrupts.map_or_else(hold, Ok)?;
    let _ = engine::end_strays(&folder);
    let started = build(order, (&folder, lock), &interrupts, bound)?;
    let interrupts = matches!(started, Started::Up(_)).then_some(interrupts);
    Ok(Start {
        started,
        interrupts,
    })
}

fn hold() -> Result<Interrupts, EngineError> {
    Interrupts::hold()
        .map_err(|error| EngineError::system("hold signals back until the lab is up", error))
}

/// Whether an order is too long for any supervisor. No lab has such an order: most of it is not text.
fn is_too_long(order: &Order) -> bool {
    let may_be = order.text.len() > LONGEST_REQUEST / 8;
    may_be && serde_json::to_vec(order).is_ok_and(|line| line.len() > LONGEST_REQUEST)
}

/// Sends the order to the lab's present supervisor, if there is one.
fn change(folder: &Folder, order: &Order, patience: Duration) -> Result<Started, EngineError> {
    if !folder.socket().exists() {
        return Ok(Started::NotHere);
    }
    match client::converse(
        folder,
        &Request::Up(order.clone()),
        patience.min(CHANGE_PATIENCE),
    ) {
        Ok(started) => Ok(started),
        // A supervisor that died has left its socket, or this request killed it.
        Err(error) if is_gone(error.kind()) => Ok(Started::NotHere),
        Err(source) => Err(EngineError::NoSupervisor {
            lab: folder.lab().to_string(),
            source,
        }),
    }
}

/// Whether an error on a supervisor's socket means that it has ended.
const fn is_gone(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::BrokenPipe
            | ErrorKind::NotFound
            | ErrorKind::UnexpectedEof
    )
}

/// Makes a new supervisor build the lab. The caller passes its lock. An unfinished build is removed, whatever the
/// reason.
fn build(
    order: &Order,
    (folder, lock): (&Folder, Lock),
    interrupts: &Interrupts,
    bound: Bound,
) -> Result<Started, EngineError> {
    let attempt = attempt(order, (folder, &lock), interrupts, bound);
    match attempt {
        Ok(Ok(started)) => {
            if matches!(started, Started::Up(_)) {
                // The supervisor may release it later, which would delay the next command.
                lock.end();
            } else {
                engine::release(folder, lock)?;
            }
            Ok(started)
        }
        Ok(Err(why)) => Err(roll_back((folder, lock), why, interrupts)),
        Err(error) => {
            let _ = engine::release(folder, lock);
            Err(error)
        }
    }
}

/// The report of a new supervisor, or why there is none. Unless it stays with the lab, it has ended then.
fn attempt(
    order: &Order,
    (folder, lock): (&Folder, &Lock),
    interrupts: &Interrupts,
    bound: Bound,
) -> Result<Result<Started, Unfinished>, EngineError> {
    let mut child = spawn(order, folder, lock)?;
    let heard = hear(&mut child, interrupts, bound);
    match &heard {
        Ok(Ok(Started::Up(_))) => {}
        // It has removed what it built; its end confirms that.
        Ok(Ok(_)) => wait(&mut child)?,
        _ => {
            // Whether it still runs or not.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
    heard.map_err(|error| EngineError::system("hear from the supervisor", error))
}

fn wait(child: &mut Child) -> Result<(), EngineError> {
    match child.wait() {
        // If the parent process ignores SIGCHLD, the kernel reports only that the child has ended.
        Err(error) if error.raw_os_error() == Some(Errno::ECHILD as i32) => Ok(()),
        Err(error) => Err(EngineError::system("wait for the supervisor's end", error)),
        Ok(_) => Ok(()),
    }
}

/// Starts a supervisor, and passes it the lab's lock and its order.
fn spawn(order: &Order, folder: &Folder, lock: &Lock) -> Result<Child, EngineError> {
    let failed = |action: &str, error| EngineError::system(action, error);
    let program = std::env::current_exe().map_err(|error| failed("find this program", error))?;
    let order = serde_json::to_vec(order)
        .map_err(|error| failed("write to the supervisor", error.into()))?;
    let lock = lock
        .pass_on()
        .map_err(|error| failed("pass the lab's lock on", error))?;
    let mut child = Command::new(program)
        .args([COMMAND, folder.lab().as_str()])
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(lock)
        .spawn()
        .map_err(|error| failed("start the lab's supervisor", error))?;
    if let Some(mut input) = child.stdin.take() {
        // If it has died meanwhile, it gives no answer.
        let _ = input.write_all(&order);
    }
    Ok(child)
}

/// The supervisor's report, or why there is none.
fn hear(
    child: &mut Child,
    interrupts: &Interrupts,
    bound: Bound,
) -> io::Result<Result<Started, Unfinished>> {
    let Some(output) = child.stdout.take() else {
        return Ok(Err(Unfinished::Died));
    };
    match interrupts.wait(output.as_fd(), Some(bound.left()))? {
        Came::Signal => return Ok(Err(Unfinished::Interrupted)),
        Came::Nothing => return Ok(Err(Unfinished::TookTooLong(bound.patience))),
        Came::Word => {}
    }
    let mut answer = String::new();
    BufReader::new(output).read_line(&mut answer)?;
    Ok(serde_json::from_str(&answer).map_err(|_| Unfinished::Died))
}

/// Removes the rest of an unfinished build. Its lock has been held since before the build, so nothing of it belongs to
/// another.
fn roll_back(
    (folder, lock): (&Folder, Lock),
    why: Unfinished,
    interrupts: &Interrupts,
) -> EngineError {
    let lab = folder.lab();
    match interrupts.remove(folder, Some(lock)) {
        Ok(Removal::Tried(Err(error))) => error,
        Err(source) => EngineError::system(format!("remove what was built of lab {lab}"), source),
        Ok(removal) => EngineError::Unfinished {
            lab: lab.to_string(),
            why,
            is_gone: !matches!(removal, Removal::Left),
        },
    }
}

/// The lab of an order; `None` if its text has errors.
fn name_in(order: &Order) -> Option<LabName> {
    lab::plain_name(&order.text).or_else(|| {
        let lab = engine::load_text(Source {
            file: order.file.clone(),
            text: order.text.clone(),
        });
        lab.ok().map(|lab| lab.topology.name)
    })
}
