//! What the lab's supervisor tells, passed on to every page that listens.

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

/// How many events are remembered for a page that is opened later.
const MOST_REMEMBERED: usize = 500;

/// How far a page may be behind before it has to begin anew.
const MOST_BEHIND: usize = 256;

/// How long a supervisor may take for its first word: it may be at work on the lab.
const PATIENCE: Duration = Duration::from_mins(2);

/// An event as a page lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Entry {
    /// Its number, the first being 1.
    number: usize,
    /// When it was heard of, in milliseconds since 1970.
    time: u64,
    #[serde(flatten)]
    event: Event,
}

/// What pages are told.
#[derive(Debug, Clone)]
pub(super) enum Told {
    /// Something happened.
    Event(Entry),
    /// How the lab is now.
    State(Box<State>),
    /// The lab has other parts.
    Lab,
    /// Nothing more is to come, and why.
    Ended(String),
}

/// What a page is told first.
#[derive(Debug, Serialize)]
pub(super) struct Whole {
    state: State,
    events: Vec<Entry>,
}

/// A lab as it was last heard of.
#[derive(Debug)]
struct Heard {
    up: Arc<Up>,
    moment: Moment,
    entries: VecDeque<Entry>,
    count: usize,
}

/// What is known of a lab, and who is told.
#[derive(Debug)]
pub(super) struct Feed {
    heard: Mutex<Heard>,
    told: Sender<Told>,
}

/// A supervisor's word.
pub(super) type Word = BufReader<UnixStream>;

/// Begins to listen to a lab's supervisor. To be called in a runtime.
pub(super) async fn listen(folder: &Folder) -> io::Result<(Word, Moment)> {
    let stream = engine::client::watch(folder)?;
    stream.set_nonblocking(true)?;
    let mut word = BufReader::new(UnixStream::from_std(stream)?);
    let first = timeout(PATIENCE, next(&mut word)).await??;
    Ok((word, first.ok_or(io::ErrorKind::UnexpectedEof)?))
}

/// The next moment; none where the supervisor has ended, or left its listener.
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

    /// The lab as it is by now.
    pub(super) fn up(&self) -> Arc<Up> {
        Arc::clone(&self.heard().up)
    }

    /// Whether a link does something else to packets than the lab file says.
    pub(super) fn is_impaired(&self) -> bool {
        !self.heard().moment.impaired.is_empty()
    }

    /// Everything until now, and all that comes after it.
    pub(super) fn subscribe(&self) -> (Whole, Receiver<Told>) {
        let heard = self.heard();
        let whole = Whole {
            state: state(&heard.up.lab.topology, &heard.moment),
            events: heard.entries.iter().cloned().collect(),
        };
        (whole, self.told.subscribe())
    }

    /// Tells what has happened otherwise than by the supervisor's word.
    pub(super) fn tell(&self, kind: Kind, text: String) {
        self.note(&mut self.heard(), vec![Event { kind, text }]);
    }

    /// Tells that nothing more is to come.
    pub(super) fn end(&self, why: &str) {
        // Nobody may listen.
        let _ = self.told.send(Told::Ended(why.to_owned()));
    }

    /// Follows a supervisor's word to its end, which is that of the lab.
    pub(super) async fn follow(&self, mut word: Word) {
        let folder = self.up().folder.clone();
        loop {
            match next(&mut word).await {
                Ok(Some(moment)) => self.hear(moment),
                // Who was too slow is left, and may ask again.
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

    /// Takes in how the lab is now, and tells of it.
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

    /// Reads the lab's file again, where it was built from another one since.
    fn reload(&self, heard: &mut Heard) {
        if heard.up.is_recorded() {
            return;
        }
        let name = heard.up.folder.lab().clone();
        // A lab that is gone says so by the end of its supervisor's word.
        let Ok(up) = engine::running(Some(name.as_str())) else {
            return;
        };
        heard.up = Arc::new(up);
        // What is called otherwise now, or has another number, is not compared.
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
