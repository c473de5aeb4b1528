//! The elements of an SVG, as a renderer sees them.

use std::collections::BTreeMap;

/// An element.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub(super) tag: String,
    pub(super) attributes: BTreeMap<String, String>,
    /// The tag and the classes of the elements around it, the root first.
    pub(super) around: Vec<Named>,
    /// Its position's offset by the groups around it.
    pub(super) offset: [f64; 2],
    /// Its text.
    pub(super) text: String,
}

/// The tag and the classes of an element.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub(super) tag: String,
    pub(super) classes: Vec<String>,
}

impl Element {
    pub(super) fn named(&self) -> Named {
        let classes = self.attributes.get("class").map_or("", String::as_str);
        Named {
            tag: self.tag.clone(),
            classes: classes.split_whitespace().map(str::to_owned).collect(),
        }
    }

    pub(super) fn number(&self, name: &str) -> f64 {
        self.attributes[name].parse().unwrap()
    }

    fn translation(&self) -> [f64; 2] {
        let transform = self.attributes.get("transform");
        let inside = transform.and_then(|text| text.strip_prefix("translate("));
        let Some((x, y)) = inside.and_then(|text| text.strip_suffix(')')?.split_once(' ')) else {
            return [0.0, 0.0];
        };
        [x, y].map(|number| number.parse().unwrap())
    }
}

/// The elements of an SVG in order, without its style sheet.
pub(super) fn elements(svg: &str) -> Vec<Element> {
    let (start, rest) = svg.split_once("<style>").unwrap();
    let (_, end) = rest.split_once("</style>").unwrap();
    let mut found: Vec<Element> = Vec::new();
    let mut open: Vec<(Named, [f64; 2])> = Vec::new();
    for part in format!("{start}{end}").split('<').skip(1) {
        let (tag, text) = part.split_once('>').unwrap();
        if tag.starts_with('/') {
            open.pop();
            continue;
        }
        let (name, rest) = tag.split_once(' ').unwrap_or((tag, ""));
        let values: Vec<&str> = rest.trim_end_matches('/').split('"').collect();
        let attributes = values.chunks_exact(2).map(|pair| {
            let name = pair[0].trim().trim_end_matches('=');
            (name.to_owned(), pair[1].to_owned())
        });
        let mut element = Element {
            tag: name.to_owned(),
            attributes: attributes.collect(),
            around: open.iter().map(|(named, _)| named.clone()).collect(),
            offset: open.last().map_or([0.0, 0.0], |(_, offset)| *offset),
            text: text.to_owned(),
        };
        let [x, y] = element.translation();
        element.offset = [element.offset[0] + x, element.offset[1] + y];
        if !tag.ends_with('/') {
            open.push((element.named(), element.offset));
        }
        found.push(element);
    }
    found
}
