//! Functions of numbers.

use serde_json::{Value, json};

use super::{argument, text, whole};
use crate::import::template::scope::{Failure, wrong};

/// Calls a function of numbers; `None` for another one.
pub(super) fn call(name: &str, values: &[Value]) -> Option<Result<Value, Failure>> {
    Some(match name {
        "add" | "sub" | "mul" | "div" | "mod" => of_two(name, values),
        "int" => whole(name, argument(values, 0)).map(|number| json!(number)),
        "float" => match text(argument(values, 0)).parse::<f64>() {
            Ok(number) => Ok(json!(number)),
            Err(_) => Err(wrong("`float` needs a number")),
        },
        "min" => extreme(name, values, Iterator::min),
        "max" => extreme(name, values, Iterator::max),
        _ => return None,
    })
}

fn of_two(name: &str, values: &[Value]) -> Result<Value, Failure> {
    let a = whole(name, argument(values, 0))?;
    let b = whole(name, argument(values, 1))?;
    let result = match name {
        "add" => a.checked_add(b),
        "sub" => a.checked_sub(b),
        "mul" => a.checked_mul(b),
        "div" => a.checked_div(b),
        _ => a.checked_rem(b),
    };
    result
        .map(|one| json!(one))
        .ok_or_else(|| wrong(&format!("`{name}` has no result")))
}

/// The least or greatest of a list, or of the arguments.
fn extreme(
    name: &str,
    values: &[Value],
    select: fn(std::vec::IntoIter<i64>) -> Option<i64>,
) -> Result<Value, Failure> {
    let items = match argument(values, 0) {
        Value::Array(items) => items.as_slice(),
        _ => values,
    };
    let numbers: Result<Vec<i64>, Failure> = items.iter().map(|one| whole(name, one)).collect();
    let found = select(numbers?.into_iter());
    found
        .map(|one| json!(one))
        .ok_or_else(|| wrong(&format!("`{name}` needs a number")))
}
