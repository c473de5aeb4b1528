//! A lab in a browser: its picture with the state of every link, probes between its nodes, and faults by a click.
//!
//! One page, served on this machine's loopback alone to whoever knows the link with its token. It holds no truth of its
//! own: the lab's supervisor tells of every change as it comes, and the page is told on.

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

/// Why a page is served no longer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The lab has ended, or its supervisor.
    Lab,
    /// A signal has come.
    Signal,
}

impl Page {
    /// Opens a port of the loopback, 0 for any that is free. To be called before a lab's session is entered, which has
    /// a loopback of its own that no browser sees.
    ///
    /// # Errors
    ///
    /// [`EngineError::System`], where the port is taken or may not be used.
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

    /// The link to it, token included.
    #[must_use]
    pub fn link(&self) -> String {
        self.access.link()
    }

    /// Serves a lab until it ends or a signal comes. `ready` is called when there is somebody to answer.
    ///
    /// # Errors
    ///
    /// [`EngineError`], where the lab has no supervisor or the system refuses, and what `ready` fails with.
    pub fn serve(self, up: Up, ready: impl FnOnce() -> io::Result<()>) -> Result<End, EngineError> {
        server::serve(self, up, ready)
    }
}
