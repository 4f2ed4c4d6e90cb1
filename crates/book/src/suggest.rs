//! “Did you mean”: the declared name nearest to what was written.

/// Longest text that is compared: names are shorter, and the work is quadratic.
const CHARS_MAX: usize = 64;
/// Most candidates that are compared: among more, nobody looks for one.
const CANDIDATES_MAX: usize = 5_000;

/// A hint naming the candidate nearest to `written`, or listing all when none is near and they are
/// few; empty where neither helps.
pub fn hint<'a>(written: &str, candidates: impl IntoIterator<Item = &'a str>) -> String {
    const LISTED_MAX: usize = 8;
    let candidates: Vec<&str> = candidates.into_iter().collect();
    if let Some(near) = nearest(written, &candidates) {
        return format!("did you mean `{near}`?");
    }
    match candidates.len() {
        0 => String::new(),
        1..=LISTED_MAX => format!("there is {}", listed(&candidates)),
        many => format!("there are {many}, and none is spelled alike"),
    }
}

/// The names in backquotes, with commas.
pub fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The candidate with the fewest edits, at most a third of the letters; the first of several.
pub fn nearest<'a>(written: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let written = written.to_lowercase();
    let length = written.chars().count();
    if length > CHARS_MAX || candidates.len() > CANDIDATES_MAX {
        return None;
    }
    let edits_max = (length / 3).max(1);
    let distances = candidates.iter().map(|name| (edits(&written, &name.to_lowercase()), *name));
    distances.filter(|(far, _)| *far <= edits_max).min_by_key(|(far, _)| *far).map(|(_, name)| name)
}

/// Letters inserted, removed, replaced, or swapped with their neighbour, to get from `a` to `b`.
fn edits(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().take(CHARS_MAX + 1).collect();
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, letter) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, other) in b.iter().enumerate() {
            let replaced = last[j] + usize::from(letter != other);
            let mut fewest = replaced.min(last[j + 1] + 1).min(row[j] + 1);
            if i > 0 && j > 0 && *letter == b[j - 1] && a[i - 1] == *other {
                fewest = fewest.min(before[j - 1] + 1);
            }
            row.push(fewest);
        }
        before = std::mem::replace(&mut last, row);
    }
    last[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_meant() {
        for (written, meant) in [
            ("stakse", Some("stakes")),
            ("stake", Some("stakes")),
            ("Stakes", Some("stakes")),
            ("win", Some("wins")),
            ("wnis", Some("wins")),
            ("bonus", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, &["ggr", "stakes", "wins"]), meant, "{written}");
        }
        assert_eq!(edits("ab", "ba"), 1);
        assert_eq!(edits("kitten", "sitting"), 3);
        assert_eq!(hint("zzz", ["a1", "b2"]), "there is `a1`, `b2`");
    }
}
