//! The messages of the lab's supervisor, forwarded to all open pages.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::Serialize;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::sync::broadcast::{self, Receiver, Sender};
use tokio::time::timeout;

use crate::control::Moment;
use crate::engine::{self, Up};
use crate::store::Folder;
use crate::ui::history::{Event, Kind, events};
use crate::ui::state::{State, state};

/// Number of events kept for pages that are opened later.
const MOST_REMEMBERED: usize = 500;

/// Number of messages that a page may be behind before it must reload everything.
const MOST_BEHIND: usize = 256;

/// Timeout for a supervisor's first message: it may be changing the lab.
const PATIENCE: Duration = Duration::from_mins(2);

/// An event in the page's list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    /// Its number, starting at 1.
    number: usize,
    /// When it was received, in milliseconds since 1970.
    time: u64,
    #[serde(flatten)]
    event: Event,
}

/// A message to the pages.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// An event.
    Event(Entry),
    /// The lab's current state.
    State(Box<State>),
    /// The lab has other nodes or links.
    Lab,
    /// The last message, with the reason.
    Ended(String),
}

/// The first message to a page.
#[derive(Debug, Serialize)]
pub(super) struct Whole {
    state: State,
    events: Vec<Entry>,
}

/// The last known state of a lab.
#[derive(Debug)]
struct Heard {
    up: Arc<Up>,
    moment: Moment,
    entries: VecDeque<Entry>,
    count: usize,
}

/// The last known state of a lab, and the channel to the pages.
#[derive(Debug)]
pub(super) struct Feed {
    heard: Mutex<Heard>,
    told: Sender<Told>,
}

/// The connection to a supervisor.
pub(super) type Word = BufReader<UnixStream>;

/// Starts to watch a lab through its supervisor. Must be called in a runtime.
pub(super) async fn listen(folder: &Folder) -> io::Result<(Word, Moment)> {
    let stream = engine::client::watch(folder)?;
    stream.set_nonblocking(true)?;
    let mut word = BufReader::new(UnixStream::from_std(stream)?);
    let first = timeout(PATIENCE, next(&mut word)).await??;
    Ok((word, first.ok_or(io::ErrorKind::UnexpectedEof)?))
}

/// The next moment; `None` if the supervisor has ended or has closed the connection.
async fn next(word: &mut Word) -> io::Result<Option<Moment>> {
    let mut line = String::new();
    if word.read_line(&mut line).await? == 0 {
        return Ok(None);
    }
    Ok(Some(serde_json::from_str(&line)?))
}

impl Feed {
    pub(super) fn new(up: Up, moment: Moment) -> Self {
        Self {
            heard: Mutex::new(Heard {
                up: Arc::new(up),
                moment,
                entries: VecDeque::new(),
                count: 0,
            }),
            told: broadcast::channel(MOST_BEHIND).0,
        }
    }

    /// The current lab.
    pub(super) fn up(&self) -> Arc<Up> {
        Arc::clone(&self.heard().up)
    }

    /// Whether a link is impaired differently from the lab file.
    pub(super) fn is_impaired(&self) -> bool {
        !self.heard().moment.impaired.is_empty()
    }

    /// The state so far, and a receiver for all later messages.
    pub(super) fn subscribe(&self) -> (Whole, Receiver<Told>) {
        let heard = self.heard();
        let whole = Whole {
            state: state(&heard.up.lab.topology, &heard.moment),
            events: heard.entries.iter().cloned().collect(),
        };
        (whole, self.told.subscribe())
    }

    /// Reports an event that does not come from the supervisor.
    pub(super) fn tell(&self, kind: Kind, text: String) {
        self.note(&mut self.heard(), vec![Event { kind, text }]);
    }

    /// Sends the last message.
    pub(super) fn end(&self, why: &str) {
        // An error means that no page is open.
        let _ = self.told.send(Told::Ended(why.to_owned()));
    }

    /// Forwards a supervisor's messages until the lab ends.
    pub(super) async fn follow(&self, mut word: Word) {
        let folder = self.up().folder.clone();
        loop {
            match next(&mut word).await {
                Ok(Some(moment)) => self.hear(moment),
                // The supervisor closes a connection that is too slow. A new one may work.
                Ok(None) | Err(_) => match listen(&folder).await {
                    Ok((again, moment)) => {
                        word = again;
                        self.hear(moment);
                    }
                    Err(_) => return,
                },
            }
        }
    }

    /// Stores a new state, and sends it to the pages.
    fn hear(&self, moment: Moment) {
        let mut heard = self.heard();
        if moment.orders != heard.moment.orders {
            self.reload(&mut heard);
        }
        let events = events(&heard.up.lab.topology, &heard.moment, &moment);
        self.note(&mut heard, events);
        let now = state(&heard.up.lab.topology, &moment);
        heard.moment = moment;
        let _ = self.told.send(Told::State(Box::new(now)));
    }

    /// Reads the lab again if it was rebuilt from another file.
    fn reload(&self, heard: &mut Heard) {
        if heard.up.is_recorded() {
            return;
        }
        let name = heard.up.folder.lab().clone();
        // The end of a lab is detected by the end of the supervisor's messages.
        let Ok(up) = engine::running(Some(name.as_str())) else {
            return;
        };
        heard.up = Arc::new(up);
        // Names and indexes may have changed, so the old state is not compared.
        heard.moment = Moment::default();
        let text = "the lab was changed by its file".to_owned();
        self.note(
            heard,
            vec![Event {
                kind: Kind::Lab,
                text,
            }],
        );
        let _ = self.told.send(Told::Lab);
    }

    fn note(&self, heard: &mut Heard, events: Vec<Event>) {
        let time = now();
        for event in events {
            heard.count += 1;
            let entry = Entry {
                number: heard.count,
                time,
                event,
            };
            if heard.entries.len() == MOST_REMEMBERED {
                heard.entries.pop_front();
            }
            heard.entries.push_back(entry.clone());
            let _ = self.told.send(Told::Event(entry));
        }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Milliseconds since 1970.
#[expect(
    clippy::disallowed_methods,
    reason = "a driver at the edge, which reads the clock"
)]
fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
