//! The codes of mistakes in mappings.

crate::codes! {
    EXPRESSION = "E1501", "the expression is not understood",
        "Amounts and conditions are columns, numbers and texts in quotes with + - * /, \
         comparisons, and, or, not, and the functions that the guide lists.",
        "Correct it at the place named; names with spaces go in backquotes: `Customer ID`.";
    EXPRESSION_TYPE = "E1502", "the expression mixes texts, numbers and conditions",
        "Only numbers can be calculated with, and only conditions can be true or false.",
        "Compare with =, or take the texts out of the calculation.";
    UNKNOWN_FUNCTION = "E1503", "the function is not known, or takes other arguments",
        "round, div, abs, present, missing, starts_with, ends_with, contains, lower, upper, trim \
         and map are known.",
        "Compare it with the guide.";
    UNKNOWN_MAP = "E1504", "the table of values is not declared",
        "`map(name, value)` looks a value up in a table under `maps`.",
        "Declare the table, or correct its name.";
    NOT_FOR_FORMAT = "E1505", "the key does not belong to the format",
        "`csv` is for csv, `sheet` for xlsx, `rows` and `$.` paths for json.",
        "Remove it, or correct the format.";
    BAD_ENCODING = "E1506", "the character encoding is not known",
        "Encodings have the labels of the WHATWG list: utf-8, utf-16le, euc-kr, windows-1252.",
        "Correct its spelling.";
    BAD_CHARACTER = "E1507", "exactly one other character is needed here",
        "A delimiter, a quote and a decimal sign are one character each, and differ.",
        "Write one character in quotes, or the word tab.";
    BAD_TIME_FORMAT = "E1508", "the time format cannot be read",
        "A format is rfc3339, unix_s, unix_ms, unix_us, unix_ns, or a pattern such as \
         %Y-%m-%d %H:%M:%S.",
        "Correct the pattern.";
    TIME_WITHOUT_ZONE = "E1509", "the times have no offset and no zone is given",
        "A time without either is no instant.",
        "Add `zone` under `times`.";
    NO_EVENTS = "E1510", "the mapping yields no event",
        "A mapping says which events a row is.",
        "Add an entry under `events`.";
    EVENT_FIELD = "E1511", "the event lacks a field",
        "Each event has an id, a kind and a time; an amount and its asset come together.",
        "Add it to the event, or for all events at the top of the mapping.";
    BAD_FILE_NAME = "E1512", "the file of a join must be a plain name",
        "It is looked for in the directory of the input and nowhere else.",
        "Leave the directories out.";
}
