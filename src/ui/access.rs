//! Who may see the page: whoever knows its token, from a page of this server or none, under the server's own name.

use std::{fmt, io};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

/// Bytes of chance in a token.
const TOKEN_BYTES: usize = 32;

/// A token, and the port that it is for.
#[derive(Clone)]
pub(super) struct Access {
    token: String,
    port: u16,
}

impl fmt::Debug for Access {
    /// Tells nobody the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

/// What a request says of itself.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked<'a> {
    /// The server's name, as the browser has it; none where there is none or several.
    pub(super) host: Option<&'a str>,
    /// The page that asks, where the browser tells.
    pub(super) origin: Option<&'a str>,
    /// All cookies.
    pub(super) cookies: &'a str,
    /// The header that stands for a cookie in programs.
    pub(super) authorization: Option<&'a str>,
    /// What stands behind the `?`, where the page itself is asked for.
    pub(super) query: Option<&'a str>,
    /// Whether it is more than a question.
    pub(super) is_order: bool,
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is answered.
    Welcome,
    /// It is answered, and its browser told to remember the token.
    First,
    /// It came without the token.
    Unknown,
    /// It came under another server's name: somebody's name that was made to mean this machine (DNS rebinding).
    WrongHost,
    /// A page of another server made it.
    WrongOrigin,
}

impl Access {
    /// Draws a token for the server at a port.
    ///
    /// # Errors
    ///
    /// The system's.
    pub(super) fn new(port: u16) -> io::Result<Self> {
        let mut bytes = [0; TOKEN_BYTES];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        let token = BASE64_URL_SAFE_NO_PAD.encode(bytes);
        Ok(Self { token, port })
    }

    /// What a person opens.
    pub(super) fn link(&self) -> String {
        format!("http://127.0.0.1:{}/?token={}", self.port, self.token)
    }

    /// What has a browser remember the token, for this server alone and for no page of others.
    pub(super) fn cookie(&self) -> String {
        let Self { token, .. } = self;
        format!(
            "{}={token}; Path=/; HttpOnly; SameSite=Strict",
            self.cookie_name()
        )
    }

    /// Cookies know no ports, and there may be several servers.
    fn cookie_name(&self) -> String {
        format!("lab-ui-{}", self.port)
    }

    /// What becomes of a request.
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
            // Browsers say where an order comes from; what does not is no page of this server.
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

    /// Compares all of it, so that how long that takes tells nothing.
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
