//! The registry of the book's codes: each is stable, never reused, and has a page.

use ledger::code::Code;

/// Defines codes as constants and the list of them all.
#[macro_export]
macro_rules! codes {
    ($($name:ident = $code:literal, $title:literal, $cause:literal, $hint:literal;)*) => {
        $(
            #[doc = $title]
            pub const $name: ledger::code::Code = ledger::code::Code {
                code: $code,
                title: $title,
                cause: $cause,
                hint: $hint,
            };
        )*

        /// Every code of this module, ascending.
        pub const CODES: &[ledger::code::Code] = &[$($name,)*];
    };
}

codes! {
    FILE_TOO_LARGE = "E1001", "the file is larger than 1 MiB",
        "A book is read whole; the limit keeps a mistake from filling the memory.",
        "Split it, or remove what does not belong into a book.";
    NOT_UTF8 = "E1002", "the file is not UTF-8 text",
        "Book files are UTF-8 without exception.",
        "Save it as UTF-8 in your editor.";
    SYNTAX = "E1003", "the file is not valid YAML",
        "Most often an indent that differs from its neighbours, a tab, or a quote left open.",
        "Correct the place named; what follows it in the file has not been read.";
    TOO_DEEP = "E1004", "the file is nested too deep or has too many values",
        "The limits are 32 levels and 100,000 values a file; no book comes near them.",
        "Check the indents near the place named.";
    NO_ANCHORS = "E1005", "anchors, aliases, merges and tags are not part of a book",
        "A book says every rule where it stands, so that a reader of one line sees all of it.",
        "Write the value out.";
    UNKNOWN_FILE = "E1006", "the book has no such file",
        "Only the declared file names are read; a misspelled one would be ignored silently.",
        "Rename it, or move it out of the book.";
    MISSING_FILE = "E1007", "a file of the book is missing",
        "Every book needs operator.yaml, assets.yaml, sources.yaml and kinds.yaml.",
        "Add it; `saldo init` shows one of each.";
    SEVERAL_DOCUMENTS = "E1008", "the file has more than one YAML document",
        "A line `---` begins another document; one file is one document.",
        "Remove the line, or make it two files.";

    UNKNOWN_KEY = "E1101", "the key is not known here",
        "A key that Saldo does not know would have no effect, so it is refused.",
        "Correct its spelling; the schema completes it in editors.";
    MISSING_KEY = "E1102", "a key is missing",
        "The entry cannot be understood without it.",
        "Add the key.";
    WRONG_TYPE = "E1103", "the value is of another type than is needed here",
        "For example a list where a mapping is needed, or nothing at all.",
        "Compare it with the schema or with an example book.";
    UNQUOTED_NUMBER = "E1104", "a number in money or a rate must be in quotes",
        "Unquoted numbers pass through binary fractions in many programs, which change them.",
        "Write it in quotes: \"0.025\", \"2.5%\", \"5000.00\".";
    DUPLICATE_KEY = "E1105", "the key stands twice",
        "Two entries of one name contradict each other, and which of them holds is not said.",
        "Keep one of them.";
    NOT_ONE_OF = "E1106", "the value is not one of those that are possible",
        "This key takes one of a few words.",
        "Use one of the words named.";
    NOT_A_NUMBER = "E1107", "the value is not a whole number in its range",
        "This key takes a whole number between two bounds.",
        "Use a number in the range named.";
    NOT_A_DECIMAL = "E1108", "the value is not an exact decimal",
        "Amounts are written \"5000.00\", rates \"2.5%\" or \"0.025\": digits, one point, no \
         separators and no exponents.",
        "Write it so, in quotes.";
    NOT_A_TIME = "E1109", "the value is not a date or a time",
        "Dates are written 2026-03-01, times 2026-03-01T00:00:00Z.",
        "Write it so.";
    EMPTY = "E1110", "the value is empty",
        "Something is needed here.",
        "Fill it in, or remove the key.";
    TOO_MANY = "E1111", "there are too many entries",
        "Compiled rules count entries of one sort in 16 bits.",
        "Make what varies a dimension rather than a declaration.";

    BAD_NAME = "E1201", "the name has characters that names do not have",
        "Operators, sources and parties have a-z, 0-9 and -; kinds, dimensions, measures and \
         agreements also _, beginning with a letter; assets A-Z and 0-9.",
        "Choose such a name; what people read goes into `title`, what sources send into `aliases`.";
    DUPLICATE_NAME = "E1202", "the name is given twice",
        "A name must mean one thing.",
        "Rename or remove one of them.";
    UNKNOWN_NAME = "E1203", "a rule names something that is not declared",
        "A kind, dimension, asset, party, source, measure or value is used here, but no file of \
         the book declares it.",
        "Correct the spelling, or declare it in its file.";
    ALIAS_TWICE = "E1204", "two parties have the same name or alias",
        "A spelling must lead to one party, or money would go to whichever came first.",
        "Leave it with the party that it means.";
    DIM_NOT_REQUIRED = "E1205", "an account uses a dimension that the kind does not require",
        "Without the dimension the account of an event would have no name.",
        "Add the dimension to the kind's `dims`.";
    BAD_TEMPLATE = "E1206", "the account template is not understood",
        "A template is fixed text and {dimension}, {source} or {kind}, with : between the parts.",
        "Write it like `play:{provider}:{game}:stakes`.";
    CANCELS_ITSELF = "E1207", "a kind may not cancel itself or another cancel",
        "A cancel takes back what an ordinary event posted; a cancel of a cancel has no meaning.",
        "Name the kinds that post.";
    POSTINGS_MISPLACED = "E1208", "the kind has postings where it may not, or none where it must",
        "A cancel posts the reverse of what it cancels and has none of its own; every other kind \
         has at least one.",
        "Add or remove `postings`.";
    NO_ORIGINAL = "E1209", "the time of the original is used by a kind that refers to none",
        "`time: original` takes the bucket of the event that `ref` names.",
        "Give the kind a `ref`, or leave `time` out.";
    PERSONAL_ACCOUNT = "E1210", "an account may not have a personal dimension",
        "Accounts are kept for ever and shown to parties; a person's name in one could not be \
         erased.",
        "Take the dimension out of the account; per-person figures come from the events.";
    SAME_ACCOUNT = "E1211", "a posting debits and credits the same account",
        "It would change nothing.",
        "Name the account that the money comes from, and the one that it goes to.";
    PERSONAL_PARTY = "E1212", "a dimension cannot be personal and a party",
        "Parties are companies; people are replaced by pseudonyms.",
        "Keep one of the two.";
    GROUP_OF_ONE = "E1213", "the group has only one source",
        "Sources of one group may refer to each other's events; alone it has no effect.",
        "Check the spelling of the group, or leave it out.";
    PARTY_CYCLE = "E1214", "a party is above itself",
        "Commissions go up the tree of parties to its top, which a circle does not have.",
        "Correct the `parent` of one of the parties.";
    SETTLEMENT_ACCOUNT = "E1216", "accounts that begin with `settlement` are for statements",
        "What a statement comes to is posted on them, by its close and by nothing else.",
        "Begin the account with another word, and not with a dimension.";
    PARTY_KEY = "E1218", "the key is not a public key of this party",
        "A key is written name+hash+base64; its name is the party's, and the hash is of name and \
         key, so that a mistyped one is found.",
        "Copy the whole line that `saldo key show` prints for the party's key.";

    MEASURE_CYCLE = "E1301", "the measure is made of itself",
        "Measures may be made of others, but not in a circle.",
        "Take it out of its own formula.";
    MEASURE_MATCHES_NOTHING = "E1302", "no account that the kinds post to matches the measure",
        "The measure would always be zero.",
        "Compare its account with those in kinds.yaml.";
    BAD_FORMULA = "E1303", "the formula is not understood",
        "A formula is names of measures with + and - between them: `stakes - wins`.",
        "Write it so.";
    MEASURE_FORM = "E1304", "a measure has either `terms` or `formula`",
        "Terms add up accounts; a formula adds up other measures.",
        "Keep one of them.";

    TIER_BOUNDS = "E1401", "the bounds of the tiers do not ascend",
        "Each tier goes from the bound before up to its own; only the last one has none.",
        "Put them in order, without repeats; leave `up_to` out of the last one only.";
    NOT_A_BUCKET = "E1402", "the time is not on a quarter of an hour",
        "Totals are kept per 15 minutes, so terms can change only there.",
        "Move it to the quarter before or after.";
    UNKNOWN_ZONE = "E1403", "the time zone is not known",
        "Zones are named as in the IANA database: Asia/Seoul, Europe/Paris, UTC.",
        "Correct its spelling.";
    EFFECTIVE_ORDER = "E1404", "the terms end before they begin",
        "`until` is the first moment at which the terms no longer hold.",
        "Put a later time.";
    OVERLAPPING_TERMS = "E1405", "two versions of an agreement hold at the same time",
        "Which of them is rated would not be said.",
        "End the one where the other begins.";
    STEP_ORDER = "E1406", "the steps do not lead to a result",
        "Steps begin with `select` or `sum`; each later one works on what came before.",
        "Put the steps in order.";
    OUT_OF_BOUNDS = "E1407", "the amount or rate is outside what makes sense here",
        "Rates of a share lie between 0% and 100%, scales between 0 and the asset's own.",
        "Correct the value.";
    SAME_PARTY = "E1408", "the agreement is of a party with itself",
        "An agreement has two parties: who owes, and to whom.",
        "Name two different ones.";
    SELECT_DIM = "E1409", "a measure cannot follow the selection",
        "The dimension that is selected names people. Their names are replaced by pseudonyms \
         before anything is kept, and a book does not know these.",
        "Leave the dimension out of `select`; a step can go by it without naming anybody.";
    REFUSED_TERMS = "E1410", "settlement refuses the terms or the measure",
        "A limit of settlement itself is not kept; the message has its code and reason.",
        "Read the page of the code in the message with `saldo explain`.";
    INSIDE_PERIOD = "E1411", "terms change inside a period",
        "A period is rated by the version that holds for the whole of it, so that the period in \
         which the change lies can be rated by neither.",
        "Move the change to the beginning of a period.";
    LEVEL_ABOVE = "E1412", "a rate is above that of the party above",
        "Each level keeps its rate less the one below it, and nobody keeps less than nothing.",
        "Lower the rate, or raise that of the party above from the same day.";
    PLUGIN_FILE = "E1413", "a plug-in cannot be used",
        "A plug-in is a small WebAssembly program among the files of the book, without floats and \
         imports, and the agreement pins the very bytes that it was agreed on.",
        "Name a file of `plugins/`, and pin its own SHA-256.";
    NET_TERMS = "E1414", "an agreement cannot be netted here",
        "Netted agreements are between the same two parties, in the same asset, and netted once; \
         what nets others is not netted itself.",
        "Take it out of `agreements`, or net it in an agreement of its parties and asset.";
    NO_PARTY_KEY = "E1417", "the agreement needs a signature that nobody could check",
        "`countersigned: required` blocks every close until both parties have signed, and the book \
         has no key of one of them.",
        "Put the party's public key under `keys` in parties.yaml, or leave `countersigned` out.";
    CALENDAR_FORM = "E1421", "a calendar has either `holidays` or `periods`",
        "Holidays are days on which no business is done; periods are what agreements are settled \
         by.",
        "Keep one of the two, or make two files of it.";
    CALENDAR_DATA = "E1422", "the days of the calendar are not in order",
        "A holiday lies outside the years of the list, or periods do not follow each other.",
        "Correct the day named.";
    PERIOD_CALENDAR = "E1423", "custom periods and a calendar belong together",
        "The bounds of custom periods are a list in `calendars/`; other periods have none.",
        "Write `period: custom` and the name of the list in `calendar`, or neither.";
    DUE_TERMS = "E1424", "`due` does not say when",
        "One length of time says how long after a day; parts add up to the whole; business days \
         need a calendar.",
        "Write for example `due: { day_of_month: 10, roll: following, holidays: [kr] }`.";
    QUOTE_ROW = "E1425", "the quotes are not understood",
        "A quote is a date, two assets and a rate; in CSV they stand in this order.",
        "Write for example `2026-03-02,EUR,KRW,1487.35` below the line `date,base,quote,rate`.";
    QUOTE_TWICE = "E1426", "a pair has two rates on one day",
        "Which of them holds would not be said.",
        "Remove one of them.";
    NOT_REGISTERED = "E1427", "a party of an invoice has no valid registration number",
        "A tax invoice names both sides by their business registration numbers, whose last digit \
         checks the others.",
        "Give the party its `registration` in parties.yaml: ten digits.";
    TRIAL_FAILED = "E1430", "a test of an agreement fails",
        "The terms give another figure than the test beside them expects.",
        "Correct the terms, or the test where the terms were meant to change.";
    TRIAL_BROKEN = "E1431", "a test of an agreement cannot be run",
        "What is given is not what the terms read, or they refuse it.",
        "Give measures that the steps read, with the dimensions that they go by.";
}

/// Every code that checking a book can give, those of mappings included, ascending.
pub fn codes() -> impl Iterator<Item = &'static Code> {
    CODES.iter().chain(crate::mapping::code::CODES)
}
