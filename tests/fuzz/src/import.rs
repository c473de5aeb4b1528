//! Files of Azure's tools, and recordings of what they print.

use netns_lab::import::{Input, Options, import as read};
use netns_lab::lab;
use netns_lab::recorded::{Table, rows, trace};

/// The tables of az.
const TABLES: [Table; 3] = [Table::EffectiveRoutes, Table::GatewayRoutes, Table::NextHop];

/// With any file, an import ends with an error or with a YAML document, and a recording has rows of its table's columns.
///
/// # Panics
///
/// If that does not hold.
pub fn import(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for table in TABLES {
        if let Ok(rows) = rows(table, text) {
            assert!(rows.iter().all(|row| row.len() == table.headers().len()));
        }
    }
    if let Ok(trace) = trace(text) {
        assert!(trace.hops.len() <= 255);
    }
    let input = Input {
        name: "file.json".to_owned(),
        text: text.to_owned(),
    };
    let options = Options {
        name: "fuzzed".to_owned(),
        probe_machines: true,
        ..Options::default()
    };
    if let Ok(imported) = read(&[input], &options) {
        assert!(lab::filled(&imported.text).is_some(), "{}", imported.text);
    }
}
