//! The page's files, all compiled into the program.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use crate::report::picture::{self, STYLE};
use crate::topology::Topology;
use crate::ui::server::Server;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// The page, with placeholders for the lab's name and picture.
const INDEX: &str = include_str!("page/index.html");

/// The page's other files.
const ASSETS: [(&str, &str, &str); 9] = [
    ("picture.css", CSS, STYLE),
    ("style.css", CSS, include_str!("page/style.css")),
    ("main.js", SCRIPT, include_str!("page/main.js")),
    ("server.js", SCRIPT, include_str!("page/server.js")),
    ("picture.js", SCRIPT, include_str!("page/picture.js")),
    ("paths.js", SCRIPT, include_str!("page/paths.js")),
    ("links.js", SCRIPT, include_str!("page/links.js")),
    ("table.js", SCRIPT, include_str!("page/table.js")),
    ("icon.svg", SVG, include_str!("page/icon.svg")),
];

pub(super) async fn index(State(server): State<Arc<Server>>) -> Response {
    let up = server.feed.up();
    let topology = &up.lab.topology;
    let text = INDEX
        .replace("{LAB}", topology.name.as_str())
        .replace("{PICTURE}", &drawn(topology));
    ([(header::CONTENT_TYPE, HTML)], text).into_response()
}

/// The lab's picture. Its style sheet is a separate file, as the page's content security policy requires.
fn drawn(topology: &Topology) -> String {
    let svg = picture::svg(&picture::picture(topology));
    svg.replace(&format!("<style>{STYLE}</style>"), "")
}

pub(super) async fn asset(Path(name): Path<String>) -> Response {
    let found = ASSETS.iter().find(|(known, ..)| *known == name);
    match found {
        Some((_, kind, text)) => ([(header::CONTENT_TYPE, *kind)], *text).into_response(),
        None => (StatusCode::NOT_FOUND, "There is no such page.\n").into_response(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_picture_brings_no_style_and_no_script_of_its_own() {
        let topology = crate::engine::load("hub-spoke").unwrap().topology;
        let svg = drawn(&topology);
        assert!(svg.starts_with("<svg "), "{svg}");
        assert!(svg.contains("data-node=\"hub-vm\"") && svg.contains("data-link=\"er1-primary\""));
        for forbidden in ["<style", " style=", "<script", " on"] {
            let tags = svg
                .split('<')
                .map(|tag| tag.split('>').next().unwrap_or_default());
            assert!(
                !tags
                    .map(|tag| format!("<{tag}"))
                    .any(|tag| tag.contains(forbidden)),
                "{forbidden}"
            );
        }
    }

    #[test]
    fn the_page_asks_for_what_is_there_and_keeps_to_its_own_policy() {
        let mut texts = vec![INDEX];
        texts.extend(ASSETS.iter().map(|(_, _, text)| *text));
        let asked = texts.iter().flat_map(|text| {
            let quoted = text.split('"').skip(1).step_by(2);
            quoted.filter_map(|word| word.strip_prefix("./").or(word.strip_prefix('/')))
        });
        let files: Vec<&str> = asked.filter(|word| word.contains('.')).collect();
        assert!(files.len() > 8, "{files:?}");
        for file in files {
            assert!(ASSETS.iter().any(|(name, ..)| *name == file), "{file}");
        }
        // Scripts and styles are separate files of this server.
        for forbidden in [
            "<style",
            " style=",
            " onclick=",
            "<script>",
            "innerHTML",
            "eval(",
        ] {
            assert!(
                !texts.iter().any(|text| text.contains(forbidden)),
                "{forbidden}"
            );
        }
        let elsewhere = ["https://", "http://"].iter().flat_map(|scheme| {
            texts
                .iter()
                .flat_map(move |text| text.split(scheme).skip(1))
        });
        let elsewhere: Vec<&str> = elsewhere
            .filter(|rest| !rest.starts_with("www.w3.org/"))
            .collect();
        assert_eq!(elsewhere, Vec::<&str>::new());
    }
}
