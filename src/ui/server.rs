//! The server: access, answers, and shutdown.

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response, sse};
use axum::routing::{get, post};
use axum::{Json, Router};
use futures_util::stream::{self, Stream};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Semaphore;
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

use crate::control::reasons;
use crate::engine::{self, EngineError, Up};
use crate::ui::access::{Access, Asked, Verdict};
use crate::ui::answers::{self, Order, Pair, Turns};
use crate::ui::connections::{Connections, Known};
use crate::ui::feed::{Feed, Told, listen};
use crate::ui::history::Kind;
use crate::ui::{End, Page, page};

/// Time for connections to finish when the server ends.
const FAREWELL: Duration = Duration::from_secs(1);

/// Maximum number of probe runs (traces, pings and proofs of all paths), the current one and waiting ones.
const MOST_PROBING: usize = 8;

/// Maximum size of a request's body in bytes: two names or, in a large lab, the names of many links.
const LARGEST_ORDER: usize = 1 << 16;

/// Headers of every response: the page runs only its own scripts, connects only to its own server, is embedded in no
/// other page, and is not cached.
const HEADERS: [(header::HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
    (
        header::HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
];

/// The state that all handlers share.
#[derive(Debug)]
pub(super) struct Server {
    access: Access,
    pub(super) feed: Feed,
    turns: Turns,
    /// Places for running and waiting probe runs.
    probing: Arc<Semaphore>,
}

type Shared = State<Arc<Server>>;

/// Serves a lab until it ends or a signal is received.
pub(super) fn serve(
    page: Page,
    up: Up,
    ready: impl FnOnce() -> io::Result<()>,
) -> Result<End, EngineError> {
    let failed = |error| EngineError::system("serve a page", error);
    let runtime = engine::runtime().map_err(failed)?;
    let end = runtime.block_on(run(page, up, ready));
    // No client waits for the remaining probe runs.
    runtime.shutdown_background();
    end
}

async fn run(
    page: Page,
    up: Up,
    ready: impl FnOnce() -> io::Result<()>,
) -> Result<End, EngineError> {
    let failed = |error| EngineError::system("serve a page", error);
    let lab = up.folder.lab().to_string();
    let heard = listen(&up.folder).await;
    let (word, moment) = heard.map_err(|source| EngineError::NoSupervisor {
        lab: lab.clone(),
        source,
    })?;
    let server = Arc::new(Server {
        access: page.access,
        feed: Feed::new(up, moment),
        turns: Turns::default(),
        probing: Arc::new(Semaphore::new(MOST_PROBING)),
    });
    page.listener.set_nonblocking(true).map_err(failed)?;
    let listener = TcpListener::from_std(page.listener).map_err(failed)?;
    let signals = signalled().map_err(failed)?;
    let mut connections = Connections::at(listener, router(Arc::clone(&server)));
    ready().map_err(|error| EngineError::system("write the output", error))?;
    let end = tokio::select! {
        () = connections.serve() => End::Signal,
        () = server.feed.follow(word) => End::Lab,
        () = signals => End::Signal,
    };
    server.feed.end(&match end {
        End::Lab => format!("Lab {lab} has ended."),
        End::Signal => "The page's server has ended. Start `lab ui` again.".to_owned(),
    });
    // A page that misses the last message notices that the connection is closed.
    let _ = timeout(FAREWELL, connections.end()).await;
    Ok(end)
}

/// The signals of Ctrl-C, of a closed terminal and of a shutdown.
fn signalled() -> io::Result<impl Future<Output = ()>> {
    let [mut interrupt, mut terminate, mut hangup] = [
        signal(SignalKind::interrupt())?,
        signal(SignalKind::terminate())?,
        signal(SignalKind::hangup())?,
    ];
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    })
}

fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/", get(page::index))
        .route("/{asset}", get(page::asset))
        .route("/api/lab", get(lab))
        .route("/api/events", get(events))
        .route("/api/routes", get(routes))
        .route("/api/trace", post(trace))
        .route("/api/ping", post(ping))
        .route("/api/verify", post(verify))
        .route("/api/fate", post(fate))
        .layer(DefaultBodyLimit::max(LARGEST_ORDER))
        .layer(from_fn_with_state(Arc::clone(&server), guard))
        .with_state(server)
}

/// Checks access, and adds the headers to every response.
async fn guard(State(server): Shared, request: Request, next: Next) -> Response {
    let verdict = server.access.judge(asked(&request));
    if matches!(verdict, Verdict::Welcome | Verdict::First)
        && let Some(known) = request.extensions().get::<Known>()
    {
        known.set();
    }
    let mut response = match verdict {
        Verdict::Welcome | Verdict::First => next.run(request).await,
        Verdict::Unknown => (
            StatusCode::UNAUTHORIZED,
            "Open the link that `lab ui` printed: it has the token without which nothing is shown.\n",
        )
            .into_response(),
        Verdict::WrongHost => (
            StatusCode::FORBIDDEN,
            "This server is called 127.0.0.1 and nothing else.\n",
        )
            .into_response(),
        Verdict::WrongOrigin => (
            StatusCode::FORBIDDEN,
            "This server accepts commands only from its own page.\n",
        )
            .into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if verdict == Verdict::First
        && let Ok(cookie) = HeaderValue::from_str(&server.access.cookie())
    {
        headers.insert(header::SET_COOKIE, cookie);
    }
    response
}

fn asked(request: &Request) -> Asked<'_> {
    let is_page = request.method() == Method::GET && request.uri().path() == "/";
    let headers = request.headers();
    Asked {
        host: only(headers, &header::HOST),
        // A page sends at most one.
        origin: headers
            .contains_key(header::ORIGIN)
            .then(|| only(headers, &header::ORIGIN).unwrap_or_default()),
        cookies: only(headers, &header::COOKIE).unwrap_or_default(),
        authorization: only(headers, &header::AUTHORIZATION),
        query: request.uri().query().filter(|_| is_page),
        is_order: !matches!(*request.method(), Method::GET | Method::HEAD),
    }
}

/// A header's value; `None` if it is missing or repeated.
fn only<'a>(headers: &'a HeaderMap, name: &header::HeaderName) -> Option<&'a str> {
    let mut values = headers.get_all(name).iter();
    let value = values.next()?.to_str().ok();
    value.filter(|_| values.next().is_none())
}

async fn lab(State(server): Shared) -> Response {
    Json(answers::parts(&server.feed.up())).into_response()
}

/// The node that a request is about.
#[derive(Debug, Deserialize)]
struct About {
    node: String,
}

async fn routes(State(server): Shared, Query(about): Query<About>) -> Response {
    blocking(server, move |server| {
        answers::routes_of(&server.feed.up(), &about.node)
    })
    .await
}

async fn trace(State(server): Shared, Json(pair): Json<Pair>) -> Response {
    probing(server, move |server| {
        let is_impaired = server.feed.is_impaired();
        answers::trace(&server.feed.up(), &server.turns, &pair, is_impaired)
    })
    .await
}

async fn ping(State(server): Shared, Json(pair): Json<Pair>) -> Response {
    probing(server, move |server| {
        answers::ping(&server.feed.up(), &server.turns, &pair)
    })
    .await
}

async fn verify(State(server): Shared) -> Response {
    probing(server, |server| {
        let matrix = answers::all_paths(&server.feed.up(), &server.turns)?;
        server.feed.tell(Kind::Verify, matrix.summary.clone());
        Ok(matrix)
    })
    .await
}

async fn fate(State(server): Shared, Json(order): Json<Order>) -> Response {
    blocking(server, move |server| {
        answers::change(&server.feed.up(), &order)
    })
    .await
}

/// Runs a probing request on a thread, unless too many already wait.
async fn probing<T: Serialize + Send + 'static>(
    server: Arc<Server>,
    answer: impl FnOnce(&Server) -> Result<T, EngineError> + Send + 'static,
) -> Response {
    let Ok(place) = Arc::clone(&server.probing).try_acquire_owned() else {
        let refusal = format!(
            "{MOST_PROBING} traces, pings or proofs are under way or wait; try again when they are done"
        );
        let reasons = vec![refusal];
        return (StatusCode::SERVICE_UNAVAILABLE, Json(Refusal { reasons })).into_response();
    };
    blocking(server, move |server| {
        // Kept until the probes have ended, even if the client has gone.
        let _place = place;
        answer(server)
    })
    .await
}

/// Runs a blocking request on a thread.
async fn blocking<T: Serialize + Send + 'static>(
    server: Arc<Server>,
    answer: impl FnOnce(&Server) -> Result<T, EngineError> + Send + 'static,
) -> Response {
    let answered = tokio::task::spawn_blocking(move || answer(&server)).await;
    let error = match answered {
        Ok(Ok(value)) => return Json(value).into_response(),
        Ok(Err(error)) => error,
        Err(_) => EngineError::system("answer", io::Error::other("the thread died")),
    };
    let status = if error.is_bad_input() {
        StatusCode::BAD_REQUEST
    } else {
        StatusCode::INTERNAL_SERVER_ERROR
    };
    let reasons = match error {
        EngineError::Supervisor(reasons) => reasons,
        error => reasons(&error),
    };
    (status, Json(Refusal { reasons })).into_response()
}

/// Why a request failed.
#[derive(Debug, Serialize)]
struct Refusal {
    /// The errors, outermost first.
    reasons: Vec<String>,
}

async fn events(State(server): Shared) -> Sse<impl Stream<Item = Result<sse::Event, Infallible>>> {
    let (whole, receiver) = server.feed.subscribe();
    let first = named("whole", &whole);
    let all = stream::unfold((Some(first), receiver), next_event);
    Sse::new(all).keep_alive(KeepAlive::default())
}

/// A page's next event, if it is known, and the receiver of further messages.
type Listening = (Option<sse::Event>, Receiver<Told>);

/// A page's next event. If the page is too far behind, its stream ends, and the page reloads everything.
async fn next_event(
    (first, mut receiver): Listening,
) -> Option<(Result<sse::Event, Infallible>, Listening)> {
    if let Some(first) = first {
        return Some((Ok(first), (None, receiver)));
    }
    let event = match receiver.recv().await.ok()? {
        Told::Event(entry) => named("event", &entry),
        Told::State(state) => named("state", &state),
        Told::Lab => named("lab", &()),
        Told::Ended(why) => {
            // The new channel has no sender, so this event is the last.
            receiver = tokio::sync::broadcast::channel(1).1;
            named("ended", &why)
        }
    };
    Some((Ok(event), (None, receiver)))
}

fn named(name: &str, value: &impl Serialize) -> sse::Event {
    let event = sse::Event::default().event(name);
    // Serialization cannot fail: all map keys are strings.
    let text = serde_json::to_string(value).unwrap_or_default();
    event.data(text)
}
