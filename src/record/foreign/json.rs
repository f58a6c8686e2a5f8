//! JSON from outside: no key twice in one object, and no more values than memory is meant for.

use super::brief;
use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess};
use serde::de::{Unexpected, Visitor};
use serde_json::{Map, Number, Value};
use std::cell::Cell;
use std::fmt;

/// How many values one file may hold, those in its envelopes counted. A provenance with every step and
/// material of a large image has some ten thousand; an object of one takes half a kilobyte of memory.
pub(super) const MOST_VALUES: usize = 250_000;

/// Every value in a text: one document, or one a line (JSON Lines), of all of which no more than are `left`.
/// `serde_json` itself refuses what is nested deeper than 128.
pub(super) fn values(text: &str, left: &mut usize) -> Result<Vec<Value>, serde_json::Error> {
    let mut values = Vec::new();
    // Its iterator goes on where a document ends. To ask a reader for its end makes an error of where it
    // stands each time, for which all lines before are counted: that is quadratic.
    for counted in serde_json::Deserializer::from_str(text).into_iter::<Counted>() {
        let Counted { value, count } = counted?;
        *left = left.checked_sub(count).ok_or_else(too_many)?;
        values.push(value);
    }
    if values.is_empty() {
        values.push(serde_json::from_str(text)?);
    }
    Ok(values)
}

fn too_many<E: serde::de::Error>() -> E {
    E::custom(format_args!(
        "there are more than {MOST_VALUES} values in it"
    ))
}

/// A document, and how many values it has: by itself no more than a file may hold.
struct Counted {
    value: Value,
    count: usize,
}

impl<'de> Deserialize<'de> for Counted {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let left = Cell::new(MOST_VALUES);
        let value = Tree(&left).deserialize(from)?;
        let count = MOST_VALUES - left.get();
        Ok(Self { value, count })
    }
}

/// The value at a path of keys with dots between; `null` is as good as nothing.
pub(super) fn at<'value>(value: &'value Value, path: &str) -> Option<&'value Value> {
    let found = path.split('.').try_fold(value, |value, key| value.get(key));
    found.filter(|value| !value.is_null())
}

/// The text at such a path.
pub(super) fn text<'value>(value: &'value Value, path: &str) -> Option<&'value str> {
    at(value, path)?.as_str()
}

/// A value, and how many more there may be.
struct Tree<'left>(&'left Cell<usize>);

impl<'de> DeserializeSeed<'de> for Tree<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Value, D::Error> {
        let Some(left) = self.0.get().checked_sub(1) else {
            return Err(too_many());
        };
        self.0.set(left);
        from.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Tree<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: serde::de::Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        number
            .map(Value::Number)
            .ok_or_else(|| E::invalid_value(Unexpected::Float(value), &self))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(Tree(self.0))? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(Key(key)) = entries.next_key()? {
            // Which of the two counts differs from reader to reader.
            if object.contains_key(&key) {
                let key = brief(&key);
                return Err(A::Error::custom(format_args!(
                    "`{key}` stands twice in one object"
                )));
            }
            let value = entries.next_value_seed(Tree(self.0))?;
            object.insert(key, value);
        }
        Ok(Value::Object(object))
    }
}

/// A key.
struct Key(String);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        String::deserialize(from).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST_VALUES, at};
    use proptest::prelude::{Strategy, any, prop_oneof, proptest};
    use serde_json::{Value, json};

    fn values(text: &str) -> Result<Vec<Value>, serde_json::Error> {
        super::values(text, &mut MOST_VALUES.clone())
    }

    #[test]
    fn one_document_or_one_a_line() {
        assert_eq!(values(" {\n\"a\": [1]}\n").unwrap(), [json!({"a": [1]})]);
        assert_eq!(values("{}\n\n[2]\n").unwrap(), [json!({}), json!([2])]);
        for text in ["", " ", "{", "{} x", "{}\n{", "[1,]"] {
            assert!(values(text).is_err(), "{text}");
        }
    }

    #[test]
    fn what_readers_disagree_on_or_memory_does_not_hold_is_refused() {
        let told = |text: &str| values(text).unwrap_err().to_string();
        assert!(told(r#"{"a": {"b": 1, "c": 2, "b": 1}}"#).contains("`b` stands twice"));
        assert!(told("1e999").contains("out of range"));
        assert!(told(&"[".repeat(200)).contains("recursion limit"));
        let many = format!("[{}0]", "0,".repeat(MOST_VALUES));
        assert!(told(&many).contains("more than 250000 values"));
        let lines = "[0,0,0]\n".repeat(MOST_VALUES / 4 + 1);
        assert!(told(&lines).contains("more than 250000 values"));
        let long = format!(r#"{{"{0}":1,"{0}":1}}"#, "k".repeat(5000));
        assert!(told(&long).len() < 300);
    }

    #[test]
    fn nothing_is_at_a_path_through_what_is_no_object() {
        let value = json!({"a": {"b": 1, "n": null}});
        assert_eq!(at(&value, "a.b"), Some(&json!(1)));
        for path in ["a.b.c", "a.n", "a.x", "", "b"] {
            assert_eq!(at(&value, path), None, "{path}");
        }
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<String>().prop_map(Value::from)
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::btree_map(any::<String>(), inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect()))
            ]
        })
    }

    proptest! {
        #[test]
        fn what_has_no_key_twice_reads_as_anybody_reads_it(value in any_value()) {
            assert_eq!(values(&value.to_string()).unwrap(), [value]);
        }
    }
}
