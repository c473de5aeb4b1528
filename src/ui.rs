//! A lab in a browser: its picture with the state of every link, probes between its nodes, and faults by a click.
//!
//! One page, served on the loopback interface only, to users who have the link with its token. The page stores no
//! state: the lab's supervisor reports every change, and the server forwards it to the page.

mod access;
mod answers;
mod connections;
mod feed;
mod history;
mod matrix;
mod page;
mod server;
mod state;
mod trace;
mod way;

use std::io;
use std::net::{Ipv4Addr, TcpListener};

use crate::engine::{EngineError, Up};

/// A page that is ready to be served.
#[derive(Debug)]
pub struct Page {
    listener: TcpListener,
    access: access::Access,
}

/// Why the server stops.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The lab or its supervisor has ended.
    Lab,
    /// A signal was received.
    Signal,
}

impl Page {
    /// Binds a loopback port, or any free port for 0. Call this before the process enters a lab's user namespace: that
    /// one has another loopback interface, which no browser reaches.
    ///
    /// # Errors
    ///
    /// [`EngineError::System`], if the port is in use or not permitted.
    pub fn at(port: u16) -> Result<Self, EngineError> {
        let failed = |error: io::Error| {
            let action = format!(
                "listen at 127.0.0.1:{port}; `lab ui` without --port takes a port that is free"
            );
            EngineError::system(action, error)
        };
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(failed)?;
        let port = listener.local_addr().map_err(failed)?.port();
        let access = access::Access::new(port)
            .map_err(|error| EngineError::system("draw a token by chance", error))?;
        Ok(Self { listener, access })
    }

    /// The page's URL, with the token.
    #[must_use]
    pub fn link(&self) -> String {
        self.access.link()
    }

    /// Serves a lab until it ends or a signal is received. `ready` is called when the server accepts requests.
    ///
    /// # Errors
    ///
    /// [`EngineError`], if the lab has no supervisor or the system refuses, and the error of `ready`.
    pub fn serve(self, up: Up, ready: impl FnOnce() -> io::Result<()>) -> Result<End, EngineError> {
        server::serve(self, up, ready)
    }
}
