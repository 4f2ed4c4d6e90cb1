//! The codes of files that cannot be read at all.

book::codes! {
    CANNOT_OPEN = "E3001", "the file cannot be opened or read",
        "It is not there, or the system refuses to read it.",
        "Check the path and the permissions.";
    TOO_LARGE = "E3002", "the document is larger than is read at once",
        "JSON documents and unseekable workbooks are held in memory, at most 256 MiB of them.",
        "Split the file, or send it as NDJSON or CSV, which are read row by row.";
    WRONG_ENCODING = "E3003", "the file is not text in the declared encoding",
        "Already its first line is not.",
        "Set `encoding` in the mapping, or have the file saved as UTF-8.";
    NOT_JSON = "E3004", "the file is not a JSON document",
        "A document is read whole; a broken one has no rows.",
        "Have the source send it again; for one object to a line use the format ndjson.";
    NOT_CSV = "E3005", "the file has no header line",
        "Columns are named by the first line.",
        "Give the names under `csv: columns`, or check that the file is not empty.";
    NO_COLUMN = "E3006", "the file lacks a column that the mapping uses",
        "The header names the columns that there are.",
        "Correct the mapping, or ask the source what became of the column.";
    COLUMN_TWICE = "E3007", "the file has a column twice that the mapping uses",
        "Which of the two is meant is not said.",
        "Rename one of them.";
    NOT_XLSX = "E3008", "the file is not a workbook, or has no such sheet",
        "XLSX files are zip archives with sheets in them; older .xls files are not.",
        "Save it as XLSX, or correct `sheet` in the mapping.";
    NOT_PARQUET = "E3009", "the file is not Parquet, or is damaged",
        "Its footer or one of its pages cannot be read.",
        "Have it written again.";
    NO_JOIN = "E3010", "a file that the mapping looks values up in cannot be used",
        "It is looked for beside the input, and is CSV with a header and a unique key.",
        "Put it beside the input under the name that the mapping gives.";
    NO_ROWS = "E3011", "the document has nothing where the mapping looks for its rows",
        "`rows` is the path from the root of the document to the list of rows.",
        "Compare the path with the document.";
}
