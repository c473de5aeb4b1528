//! Rows of az, out of its JSON or its tables.

use serde_json::Value;

use crate::recorded::table;

/// A table of az.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// `az network nic show-effective-route-table`.
    EffectiveRoutes,
    /// `az network vnet-gateway list-learned-routes` and `list-advertised-routes`.
    GatewayRoutes,
    /// `az network watcher show-next-hop`.
    NextHop,
}

/// A row: the values of the table's columns. A row of az with several prefixes or next hops is several rows.
pub type Row = Vec<String>;

/// Why a text has no rows.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordedError {
    /// It is neither JSON of the expected form nor a table.
    #[error(
        "it is neither JSON nor a table of az with the columns {columns}; record it with `-o json`"
    )]
    Unknown {
        /// The columns.
        columns: String,
    },
    /// It is JSON with a mistake.
    #[error("it is not JSON: {0}")]
    Syntax(String),
    /// It is no trace.
    #[error("it has no hops; it is the output of tracert, traceroute, tracepath or `mtr --report`")]
    NoTrace,
}

impl Table {
    /// The names of the columns in JSON and in tables.
    const fn columns(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::EffectiveRoutes => &[
                ("source", "Source"),
                ("state", "State"),
                ("addressPrefix", "Address Prefix"),
                ("nextHopType", "Next Hop Type"),
                ("nextHopIpAddress", "Next Hop IP"),
            ],
            Self::GatewayRoutes => &[
                ("network", "Network"),
                ("nextHop", "NextHop"),
                ("origin", "Origin"),
                ("sourcePeer", "SourcePeer"),
                ("asPath", "AsPath"),
                ("weight", "Weight"),
            ],
            Self::NextHop => &[
                ("nextHopType", "NextHopType"),
                ("nextHopIpAddress", "NextHopIpAddress"),
            ],
        }
    }

    /// The columns whose cells may have several values.
    const fn lists(self) -> &'static [&'static str] {
        match self {
            Self::EffectiveRoutes => &["addressPrefix", "nextHopIpAddress"],
            Self::GatewayRoutes | Self::NextHop => &[],
        }
    }

    /// The headers, as az prints them.
    #[must_use]
    pub fn headers(self) -> Vec<&'static str> {
        self.columns().iter().map(|(_, header)| *header).collect()
    }
}

/// The rows of a recorded text, sorted. Rows that instances of a gateway repeat are there once.
///
/// # Errors
///
/// [`RecordedError`], for a text of another form.
pub fn rows(table: Table, text: &str) -> Result<Vec<Row>, RecordedError> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let mut rows = if text.starts_with(['{', '[']) {
        let value: Value =
            serde_json::from_str(text).map_err(|error| RecordedError::Syntax(error.to_string()))?;
        of_json(table, &value)
    } else {
        let headers = table.headers();
        table::rows(text, &headers).map(|rows| {
            rows.into_iter()
                .flat_map(|row| of_cells(table, row))
                .collect()
        })
    };
    let unknown = || RecordedError::Unknown {
        columns: table.headers().join(", "),
    };
    let rows = rows.as_mut().ok_or_else(unknown)?;
    rows.sort();
    if table == Table::GatewayRoutes {
        // Each instance of a gateway repeats what both have.
        rows.dedup();
    }
    Ok(std::mem::take(rows))
}

/// The rows of JSON: a list, a list in `value`, or the lists of several instances.
fn of_json(table: Table, value: &Value) -> Option<Vec<Row>> {
    match value {
        Value::Array(items) => {
            let rows: Option<Vec<Vec<Row>>> =
                items.iter().map(|item| of_item(table, item)).collect();
            Some(rows?.concat())
        }
        Value::Object(object) => {
            let lists: Vec<&Value> = object.values().filter(|value| value.is_array()).collect();
            let is_row = object
                .keys()
                .any(|key| key.eq_ignore_ascii_case(table.columns()[0].0));
            if is_row {
                return of_item(table, value);
            }
            if lists.is_empty() {
                return None;
            }
            let rows: Option<Vec<Vec<Row>>> =
                lists.into_iter().map(|list| of_json(table, list)).collect();
            Some(rows?.concat())
        }
        _ => None,
    }
}

fn of_item(table: Table, item: &Value) -> Option<Vec<Row>> {
    let object = item.as_object()?;
    let find = |name: &str| {
        let mut entries = object.iter();
        entries
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    };
    find(table.columns()[0].0)?;
    let cells = table.columns().iter().map(|(name, _)| texts(find(name)));
    Some(products(cells.collect()))
}

/// The texts of a JSON value; one empty text for none.
fn texts(value: Option<&Value>) -> Vec<String> {
    let texts = match value {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(items)) => items.iter().flat_map(|item| texts(Some(item))).collect(),
        Some(Value::String(text)) => vec![text.clone()],
        Some(other) => vec![other.to_string()],
    };
    if texts.is_empty() {
        vec![String::new()]
    } else {
        texts
    }
}

fn of_cells(table: Table, cells: Vec<String>) -> Vec<Row> {
    let columns = table.columns().iter().zip(cells);
    let texts = columns.map(|((name, _), cell)| {
        let words: Vec<String> = cell.split_whitespace().map(str::to_owned).collect();
        if table.lists().contains(name) && !words.is_empty() {
            words
        } else {
            vec![cell]
        }
    });
    products(texts.collect())
}

/// The most rows of a text. A gateway has at most some 10,000 routes.
const MOST_ROWS: usize = 1_000_000;

/// A row for each combination of values; none if there are too many.
fn products(cells: Vec<Vec<String>>) -> Vec<Row> {
    let count = cells.iter().map(Vec::len).try_fold(1, usize::checked_mul);
    if count.is_none_or(|count| count > MOST_ROWS) {
        return Vec::new();
    }
    let mut rows: Vec<Row> = vec![Vec::new()];
    for values in cells {
        rows = rows
            .iter()
            .flat_map(|row| {
                values.iter().map(|value| {
                    let mut row = row.clone();
                    row.push(value.clone());
                    row
                })
            })
            .collect();
    }
    rows
}
