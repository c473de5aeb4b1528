//! The presentation attributes of every element are what the light style sheet says of it.

use std::collections::BTreeMap;

use crate::report::picture::tests::elements::{Element, Named, elements};
use crate::report::picture::tests::{LABS, MANY_KINDS, drawn, pictures_with_paths};
use crate::report::picture::{STYLE, svg};

/// The properties that a style sheet sets and an attribute cannot.
const NO_ATTRIBUTES: [&str; 1] = ["background"];

/// The attributes that a style sheet sets too.
const PRESENTATION: [&str; 11] = [
    "fill",
    "font-family",
    "font-size",
    "font-weight",
    "opacity",
    "stroke",
    "stroke-dasharray",
    "stroke-linecap",
    "stroke-linejoin",
    "stroke-width",
    "text-anchor",
];

type Declarations = BTreeMap<String, String>;

/// The rules of a style sheet for light colours: the selector and the declarations of each.
fn light_rules() -> Vec<(String, Declarations)> {
    let (_, inside) = STYLE
        .split_once("@supports (color: var(--paper)) {")
        .unwrap();
    let inside = inside.trim_end().strip_suffix('}').unwrap();
    let (before, after) = inside
        .split_once("@media (prefers-color-scheme: dark) {")
        .unwrap();
    let (_, after) = after.split_once("\n}\n").unwrap();
    let rules = format!("{before}{after}");
    let rules = rules.split('}').filter_map(|rule| rule.split_once('{'));
    let mut rules: Vec<(String, Declarations)> = rules
        .flat_map(|(selectors, body)| {
            let declarations: Declarations = body
                .split(';')
                .filter_map(|line| line.split_once(':'))
                .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
                .collect();
            let selectors: Vec<String> = selectors
                .split(',')
                .map(|one| one.trim().to_owned())
                .collect();
            selectors
                .into_iter()
                .map(move |selector| (selector, declarations.clone()))
        })
        .collect();
    rules.retain(|(selector, _)| selector != "svg.lab.dark");
    let palette = rules[0].1.clone();
    for (_, declarations) in &mut rules {
        declarations
            .retain(|name, _| !name.starts_with("--") && !NO_ATTRIBUTES.contains(&name.as_str()));
        for value in declarations.values_mut() {
            if let Some(name) = value
                .strip_prefix("var(")
                .and_then(|rest| rest.strip_suffix(')'))
            {
                value.clone_from(&palette[name]);
            }
            *value = value.replace('"', "");
            if let Some(pixels) = value.strip_suffix("px") {
                *value = pixels.to_owned();
            }
        }
    }
    rules
}

/// Whether an element has the tag and the classes of a selector without combinators.
fn is_named(element: &Named, simple: &str) -> bool {
    let mut parts = simple.split('.');
    let tag = parts.next().unwrap_or_default();
    (tag.is_empty() || tag == element.tag)
        && parts.all(|class| element.classes.iter().any(|own| own == class))
}

/// Whether a selector matches an element; its last part is that of the element itself.
fn matches(selector: &str, element: &Named, around: &[Named]) -> bool {
    let Some((rest, own)) = selector.rsplit_once(' ') else {
        return is_named(element, selector);
    };
    if !is_named(element, own) {
        return false;
    }
    let up = |depth: usize| (&around[depth], &around[..depth]);
    match rest.strip_suffix(" >") {
        Some(parent) => around.len().checked_sub(1).is_some_and(|depth| {
            let (element, around) = up(depth);
            matches(parent, element, around)
        }),
        None => (0..around.len()).any(|depth| {
            let (element, around) = up(depth);
            matches(rest, element, around)
        }),
    }
}

/// The number of classes and of tags in a selector.
fn specificity(selector: &str) -> (usize, usize) {
    let parts = selector.split([' ', '>']).filter(|part| !part.is_empty());
    let tags = parts.filter(|part| !part.starts_with('.'));
    (selector.matches('.').count(), tags.count())
}

fn by_style_sheet(rules: &[(String, Declarations)], element: &Element) -> Declarations {
    let named = element.named();
    let mut all = Declarations::new();
    for (_, declarations) in rules
        .iter()
        .filter(|(selector, _)| matches(selector, &named, &element.around))
    {
        all.extend(declarations.clone());
    }
    all
}

fn by_attributes(element: &Element) -> Declarations {
    let mut attributes = element.attributes.clone();
    attributes.retain(|name, _| PRESENTATION.contains(&name.as_str()));
    attributes
}

fn svgs() -> Vec<String> {
    let texts = LABS.iter().map(|(_, text)| *text).chain([MANY_KINDS]);
    let mut svgs: Vec<String> = texts.map(|text| svg(&drawn(text))).collect();
    svgs.extend(pictures_with_paths().iter().map(svg));
    svgs
}

#[test]
fn attributes_and_light_style_are_equal() {
    let mut rules = light_rules();
    rules.sort_by_key(|(selector, _)| specificity(selector));
    for svg in svgs() {
        for element in elements(&svg) {
            let [style, attributes] = [by_style_sheet(&rules, &element), by_attributes(&element)];
            assert_eq!(
                style, attributes,
                "style sheet and attributes of {element:?}"
            );
        }
    }
}

#[test]
fn every_rule_of_the_style_sheet_is_for_an_element_of_some_picture() {
    let elements: Vec<Element> = svgs().iter().flat_map(|svg| elements(svg)).collect();
    for (selector, _) in light_rules() {
        let is_used = elements
            .iter()
            .any(|element| matches(&selector, &element.named(), &element.around));
        assert!(is_used, "{selector}");
    }
}
