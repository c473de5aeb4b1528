//! Results as tab-separated rows for `cut`, `awk` and `while read`, like az with `-o tsv`.

use serde_json::Value;

/// One line per row, with the values in JSON's order, without their names.
///
/// The rows are the elements of a list or, for an object, those of its first list of objects. An object without such a
/// list is one row. In a row, the elements of a list of plain values are joined by commas; any other list or object is
/// written as JSON. With a header, the first line has the names of the first row's values.
#[must_use]
pub fn tsv(value: &Value, has_header: bool) -> String {
    let rows = rows(value);
    let names = rows
        .first()
        .and_then(|row| row.as_object())
        .filter(|_| has_header);
    let header = names.map(|fields| fields.keys().cloned().collect::<Vec<_>>().join("\t") + "\n");
    let rows = rows.into_iter().map(|row| line(row) + "\n");
    header.into_iter().chain(rows).collect()
}

/// A result whose rows for scripts are not part of its JSON.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rows {
    /// The names of the columns.
    pub columns: &'static [&'static str],
    /// The rows, each with one value for each column.
    pub rows: Vec<Vec<String>>,
}

impl Rows {
    /// One line per row, after the names of the columns if wanted.
    #[must_use]
    pub fn text(&self, has_header: bool) -> String {
        let header = has_header.then(|| self.columns.join("\t") + "\n");
        let row = |row: &Vec<String>| {
            let cells: Vec<String> = row.iter().map(|cell| plain(cell)).collect();
            cells.join("\t") + "\n"
        };
        header
            .into_iter()
            .chain(self.rows.iter().map(row))
            .collect()
    }
}

/// A list in one cell.
#[must_use]
pub(super) fn listed<T: ToString>(values: impl IntoIterator<Item = T>) -> String {
    let values = values.into_iter().map(|value| value.to_string());
    values.collect::<Vec<_>>().join(",")
}

fn rows(value: &Value) -> Vec<&Value> {
    match value {
        Value::Array(rows) => rows.iter().collect(),
        Value::Object(fields) => {
            let lists = fields.values().filter_map(Value::as_array);
            let mut of_objects = lists.filter(|list| list.first().is_none_or(Value::is_object));
            match of_objects.next() {
                Some(rows) => rows.iter().collect(),
                None => vec![value],
            }
        }
        _ => vec![value],
    }
}

fn line(row: &Value) -> String {
    match row {
        Value::Object(fields) => fields.values().map(cell).collect::<Vec<_>>().join("\t"),
        other => cell(other),
    }
}

fn cell(value: &Value) -> String {
    let text = match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(values) if values.iter().all(is_plain) => {
            values.iter().map(cell).collect::<Vec<_>>().join(",")
        }
        other => other.to_string(),
    };
    plain(&text)
}

/// A cell's text. A character that would end the cell or the line becomes a space.
fn plain(text: &str) -> String {
    text.replace(char::is_control, " ")
}

fn is_plain(value: &Value) -> bool {
    !matches!(value, Value::Array(_) | Value::Object(_))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rows_of_a_result_are_lines() {
        let routes = json!({"value": [
            {"source": "User", "state": "Active", "addressPrefix": ["10.0.0.0/8"], "nextHopIpAddress": ["10.1.1.4", "10.1.1.5"], "name": null},
            {"source": "Default", "state": "Active", "addressPrefix": ["0.0.0.0/0"], "nextHopIpAddress": [], "name": "a\tb"},
        ]});
        assert_eq!(
            tsv(&routes, false),
            "User\tActive\t10.0.0.0/8\t10.1.1.4,10.1.1.5\t\nDefault\tActive\t0.0.0.0/0\t\ta b\n"
        );
    }

    #[test]
    fn rows_of_their_own_have_their_header_even_if_there_are_none() {
        let rows = Rows {
            columns: &["from", "hops"],
            rows: vec![vec!["a\tb".to_owned(), listed([1, 2])]],
        };
        assert_eq!(rows.text(true), "from\thops\na b\t1,2\n");
        let none = Rows {
            rows: Vec::new(),
            ..rows
        };
        assert_eq!(none.text(true), "from\thops\n");
        assert_eq!(none.text(false), "");
    }

    #[test]
    fn a_header_names_the_columns() {
        let labs = json!([{"lab": "a", "nodes": 2}, {"lab": "b", "nodes": 3}]);
        assert_eq!(tsv(&labs, true), "lab\tnodes\na\t2\nb\t3\n");
        assert_eq!(tsv(&json!([]), true), "");
        assert_eq!(tsv(&json!(["x"]), true), "x\n");
    }

    #[test]
    fn a_list_has_its_own_rows_and_an_object_without_rows_is_one() {
        assert_eq!(tsv(&json!([{"lab": "a", "nodes": 2}]), false), "a\t2\n");
        assert_eq!(
            tsv(
                &json!({"lab": "a", "links": ["x", "y"], "at": {"b": 1.5}}),
                false
            ),
            "a\tx,y\t{\"b\":1.5}\n"
        );
        assert_eq!(tsv(&json!([]), false), "");
        assert_eq!(tsv(&json!({"lab": "a", "value": []}), false), "");
    }
}
