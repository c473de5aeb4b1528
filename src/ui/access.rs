//! Access control: a request needs the token, the server's own host name, and no origin but this server.

use std::{fmt, io};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// Random bytes in a token.
const TOKEN_BYTES: usize = 32;

/// A token, and the port that it is for.
#[derive(Clone)]
pub(super) struct Access {
    token: String,
    port: u16,
}

impl fmt::Debug for Access {
    /// Hides the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// The parts of a request that access depends on.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    /// The `Host` header; `None` if it is missing or repeated.
    pub(super) host: Option<&'a str>,
    /// The `Origin` header, if the browser sends it.
    pub(super) origin: Option<&'a str>,
    /// All cookies.
    pub(super) cookies: &'a str,
    /// The `Authorization` header, which programs send instead of a cookie.
    pub(super) authorization: Option<&'a str>,
    /// The query string, if the request is for the page itself.
    pub(super) query: Option<&'a str>,
    /// Whether the request may change something (neither GET nor HEAD).
    pub(super) is_order: bool,
}

/// The decision on a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Accepted.
    Welcome,
    /// Accepted; the response sets the cookie with the token.
    First,
    /// Refused: no valid token.
    Unknown,
    /// Refused: the `Host` header is not this server's. Another name may have been made to resolve to this machine (DNS
    /// rebinding).
    WrongHost,
    /// Refused: a page of another server sent it.
    WrongOrigin,
}

impl Access {
    /// Generates a random token for the server on a port.
    ///
    /// # Errors
    ///
    /// Errors of the system.
    pub(super) fn new(port: u16) -> io::Result<Self> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        Ok(Self { token, port })
    }

    /// The URL that the user opens.
    pub(super) fn link(&self) -> String {
        format!("http://127.0.0.1:{}/?token={}", self.port, self.token)
    }

    /// The `Set-Cookie` value that stores the token for this server only, and sends it with no other site's requests.
    pub(super) fn cookie(&self) -> String {
        let Self { token, .. } = self;
        format!(
            "{}={token}; Path=/; HttpOnly; SameSite=Strict",
            self.cookie_name()
        )
    }

    /// The cookie's name contains the port: cookies are shared by all ports of a host, and several servers may run.
    fn cookie_name(&self) -> String {
        format!("lab-ui-{}", self.port)
    }

    /// Decides on a request.
    pub(super) fn judge(&self, asked: Asked<'_>) -> Verdict {
        let own = ["127.0.0.1", "localhost"].map(|name| format!("{name}:{}", self.port));
        let Some(host) = asked.host.filter(|host| own.iter().any(|own| own == host)) else {
            return Verdict::WrongHost;
        };
        if asked
            .origin
            .is_some_and(|origin| origin.strip_prefix("http://") != Some(host))
        {
            return Verdict::WrongOrigin;
        }
        let bearer = asked
            .authorization
            .and_then(|value| value.strip_prefix("Bearer "));
        let name = self.cookie_name();
        let mut cookies = asked.cookies.split(';').map(str::trim);
        let cookie = cookies.find_map(|cookie| cookie.strip_prefix(&name)?.strip_prefix('='));
        let mut words = asked.query.unwrap_or_default().split('&');
        let queried = words.find_map(|word| word.strip_prefix("token="));
        if self.is_token(bearer) {
            Verdict::Welcome
        } else if self.is_token(cookie) {
            // Browsers send the origin with such a request. A request without one is not from this page.
            if asked.is_order && asked.origin.is_none() {
                Verdict::WrongOrigin
            } else {
                Verdict::Welcome
            }
        } else if self.is_token(queried) {
            Verdict::First
        } else {
            Verdict::Unknown
        }
    }

    /// Compares in constant time, so that the time reveals nothing about the token.
    fn is_token(&self, said: Option<&str>) -> bool {
        let (own, said) = (self.token.as_bytes(), said.unwrap_or_default().as_bytes());
        let differing = own.iter().zip(said).fold(0, |all, (a, b)| all | (a ^ b));
        own.len() == said.len() && differing == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access() -> Access {
        Access {
            token: "secret".to_owned(),
            port: 8080,
        }
    }

    const PLAIN: Asked<'_> = Asked {
        host: Some("127.0.0.1:8080"),
        origin: None,
        cookies: "",
        authorization: None,
        query: None,
        is_order: false,
    };

    #[test]
    fn a_token_is_drawn_anew_each_time_and_stands_in_the_link() {
        let [one, other] = [1, 2].map(|_| Access::new(8080).unwrap());
        assert_ne!(one.token, other.token);
        assert_eq!(one.token.len(), 43);
        assert_eq!(
            one.link(),
            format!("http://127.0.0.1:8080/?token={}", one.token)
        );
        assert!(!format!("{one:?}").contains(&one.token));
    }

    #[test]
    fn only_the_token_itself_opens_the_page() {
        let judge = |asked| access().judge(asked);
        let by_query = |query| Asked {
            query: Some(query),
            ..PLAIN
        };
        assert_eq!(judge(PLAIN), Verdict::Unknown);
        assert_eq!(judge(by_query("token=secret")), Verdict::First);
        assert_eq!(judge(by_query("a=b&token=secret")), Verdict::First);
        for wrong in [
            "token=",
            "token=secre",
            "token=secrets",
            "token=Secret",
            "secret",
        ] {
            assert_eq!(judge(by_query(wrong)), Verdict::Unknown, "{wrong}");
        }
        let by_cookie = |cookies| Asked { cookies, ..PLAIN };
        assert_eq!(judge(by_cookie("lab-ui-8080=secret")), Verdict::Welcome);
        assert_eq!(
            judge(by_cookie("theme=dark; lab-ui-8080=secret")),
            Verdict::Welcome
        );
        assert_eq!(judge(by_cookie("lab-ui-8081=secret")), Verdict::Unknown);
        assert_eq!(judge(by_cookie("lab-ui-80801=secret")), Verdict::Unknown);
        let by_header = |value| Asked {
            authorization: Some(value),
            ..PLAIN
        };
        assert_eq!(judge(by_header("Bearer secret")), Verdict::Welcome);
        assert_eq!(judge(by_header("Basic secret")), Verdict::Unknown);
    }

    #[test]
    fn another_servers_name_is_refused_even_with_the_token() {
        let under = |host| {
            access().judge(Asked {
                host,
                authorization: Some("Bearer secret"),
                ..PLAIN
            })
        };
        assert_eq!(under(Some("localhost:8080")), Verdict::Welcome);
        for wrong in [
            "evil.example:8080",
            "127.0.0.1",
            "127.0.0.1:80",
            "127.0.0.1:8080.evil",
        ] {
            assert_eq!(under(Some(wrong)), Verdict::WrongHost, "{wrong}");
        }
        assert_eq!(under(None), Verdict::WrongHost);
    }

    #[test]
    fn an_order_by_cookie_comes_from_a_page_of_this_server() {
        let from = |origin| {
            access().judge(Asked {
                origin,
                cookies: "lab-ui-8080=secret",
                is_order: true,
                ..PLAIN
            })
        };
        assert_eq!(from(Some("http://127.0.0.1:8080")), Verdict::Welcome);
        for wrong in [
            Some("http://localhost:8080"),
            Some("http://127.0.0.1:9090"),
            Some("https://127.0.0.1:8080"),
            Some("null"),
            None,
        ] {
            assert_eq!(from(wrong), Verdict::WrongOrigin, "{wrong:?}");
        }
        let by_program = Asked {
            authorization: Some("Bearer secret"),
            is_order: true,
            ..PLAIN
        };
        assert_eq!(access().judge(by_program), Verdict::Welcome);
    }
}
