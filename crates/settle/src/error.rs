//! What can go wrong in settlement: a closed list, each with a stable code and its page.

use ledger::code::Code;

macro_rules! errors {
    ($($(#[$doc:meta])* $name:ident { $($field:ident),* } = $number:literal, $message:literal,
       $title:literal, $cause:literal, $hint:literal;)*) => {
        /// Why a period, a measure, an agreement or a statement is refused. Every field is the
        /// name or the text that the message tells; `step` is the name of the step or line.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        #[allow(missing_docs)] // the fields are what the message says they are
        pub enum SettleError { $($(#[$doc])* $name { $($field: String),* },)* }

        /// The page of every code of this crate, ascending.
        pub const CODES: &[Code] = &[$(Code {
            code: concat!("E", stringify!($number)),
            title: $title,
            cause: $cause,
            hint: $hint,
        },)*];

        impl SettleError {
            /// `E` and four digits.
            pub fn code(&self) -> &'static str {
                match self { $(Self::$name { .. } => concat!("E", stringify!($number)),)* }
            }
        }

        impl std::fmt::Display for SettleError {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match self { $(Self::$name { $($field),* } => write!(f, $message),)* }
            }
        }
    };
}

errors! {
    /// Not the text of a period.
    PeriodSyntax { text } = 7101, "`{text}` is not a period",
        "the text is not a period",
        "A period is written 2016, 2016-H1, 2016-Q4, 2016-11, 2016-11-H1, 2016-W47, 2016-P03 or \
         2016-11-03; years go from 1970 to 2260, and the date must exist.",
        "Write the period in one of these forms.";
    /// A zone that the zone data does not have.
    ZoneUnknown { zone } = 7102, "there is no time zone `{zone}`",
        "the time zone is not known",
        "Zones are named as in the IANA time zone database, and the data is part of the program.",
        "Write the zone's IANA name, such as Asia/Seoul or Europe/Malta.";
    /// A period that does not exist in its zone.
    PeriodEmpty { period, zone } = 7103, "the period {period} has no time in {zone}",
        "the period has no time in its zone",
        "The clocks of the zone jumped over the whole of the period, or the span given for it ends \
         before it begins.",
        "Choose the period before or after it.";
    /// A bound that is not a bucket boundary.
    OffBucket { period, zone } = 7104,
        "the period {period} in {zone} does not begin and end on a quarter of an hour UTC",
        "the period's bounds are not on a quarter of an hour UTC",
        "Totals are kept per 15 minutes UTC, and the zone's offset at one of the bounds is not a \
         multiple of that; zones had such offsets before about 1972.",
        "Settle this period in another zone, such as UTC.";
    /// A period of another kind than the agreement's.
    PeriodKind { agreement, period } = 7105, "{agreement} is not settled by periods like {period}",
        "the agreement has periods of another length",
        "The agreement's calendar says how long its periods are.",
        "Name a period of the agreement's own kind.";
    /// A period that the version does not hold for.
    NotEffective { agreement, version, period } = 7106,
        "version {version} of {agreement} does not hold for the whole of {period}",
        "the agreement's version does not hold for the whole period",
        "Terms change at the bound of a period: half a period cannot be rated by one version.",
        "Let the version begin and end at bounds of its periods, or name another period.";
    /// A period that its custom calendar does not declare.
    PeriodUndeclared { period } = 7107, "no custom calendar at hand declares {period}",
        "a custom period is not declared",
        "Periods like 2016-P03 have the bounds that a list of first days gives them, and the list \
         does not reach there.",
        "Add the year to the agreement's list of periods in the book's calendars.";
    /// A malformed custom calendar.
    CustomShape { calendar, reason } = 7108, "the custom calendar {calendar} is wrong: {reason}",
        "a list of custom periods is malformed",
        "Custom periods follow each other without a gap, year after year.",
        "Correct the list in the book's calendars.";
    /// A measure that was not given.
    MeasureUnknown { step, measure } = 7201, "the step {step} reads the unknown measure {measure}",
        "a step reads a measure that is not there",
        "The agreement names a measure that the book, or the proof file, does not have.",
        "Declare the measure in measures.yaml, or correct its name.";
    /// A dimension that a measure's accounts do not have.
    DimUnknown { measure, dim } = 7202,
        "the accounts of the measure {measure} do not all have the dimension {dim}",
        "a measure's accounts do not have the dimension",
        "Selecting or grouping by a dimension that an account path does not name would count \
         amounts that belong to nobody asked for.",
        "Group by a dimension in every template of the measure, or add it to the templates.";
    /// A measure that leaves 128 bits.
    MeasureRange { measure } = 7203, "the measure {measure} exceeds 128 bits of minor units",
        "a measure is too large",
        "Sums are exact or refused; they never wrap.",
        "Check the amounts' units at the source, and the asset's scale.";
    /// An account sum below zero.
    SumNegative { account } = 7204, "the account sum of {account} has a side below zero",
        "an account sum has a debit or credit below zero",
        "Sides of a total only grow, so such a sum was not made by a ledger.",
        "Take the sums from the ledger; in a proof file this is a forgery.";
    /// A malformed measure.
    MeasureShape { measure, reason } = 7205, "the measure {measure} cannot be used: {reason}",
        "the measure is malformed",
        "A measure needs a name, at least one term, and templates whose dimensions are unique.",
        "Correct the measure in measures.yaml.";
    /// A malformed agreement.
    AgreementShape { agreement, reason } = 7301, "the agreement {agreement} is wrong: {reason}",
        "the agreement is malformed",
        "A name, a party, the asset or the number of steps is not allowed.",
        "Correct the agreement's file.";
    /// A malformed step.
    StepShape { step, reason } = 7302, "the step {step} is wrong: {reason}",
        "a step is malformed",
        "A parameter of the step is outside what the step allows.",
        "Correct the step in the agreement's file; the message says which parameter.";
    /// A name given twice.
    NameTwice { step } = 7303, "the name {step} is given twice",
        "two steps or deductions have the same name",
        "Lines are known by name, and later steps refer to them.",
        "Give each step and each deduction a name of its own.";
    /// A reference to no earlier line.
    LineUnknown { step, line } = 7304,
        "the step {step} refers to {line}, which no earlier step has",
        "a step refers to a line that no earlier step has",
        "Steps run in order, so a step can only read what stands before it.",
        "Correct the name, or move the step that it names up.";
    /// A number that does not fit.
    Overflow { step } = 7401, "the figures of the step {step} need more than 38 digits",
        "a figure needs more than 38 digits",
        "Intermediate figures are exact, and their digits grow with every rate taken.",
        "Round in an earlier step, or write the rate with fewer decimals.";
    /// A payable amount finer than its asset.
    Unrounded { agreement, payable, asset } = 7402,
        "{agreement} gives {payable} {asset}, which is finer than the asset: \
         a `round` step is missing",
        "the payable amount has more decimals than its asset",
        "Nothing is rounded unless the agreement says how.",
        "End the agreement with a `round` step to the decimals of its asset.";
    /// An exchange rate that was not given.
    QuoteNotRecorded { source, base, quote, on } = 7403,
        "no rate of {source} for {base} in {quote} on {on} is given",
        "an exchange rate is not given",
        "A rate is never guessed. A statement records every rate that it used; one that was asked \
         for and is not there was left out, or the book has no quotes.",
        "Add the source of quotes to the book; in a proof file this is a forgery.";
    /// A plug-in that cannot be used.
    PluginFailed { plugin, reason } = 7404, "the plug-in {plugin} failed: {reason}",
        "a plug-in step failed",
        "The plug-in is missing, is not the one that the agreement pins, broke, or took more time \
         or memory than a plug-in may. No other statement is touched.",
        "Correct the plug-in, pin its new hash, and try it with the tests of the agreement.";
    /// Bytes that this program did not write.
    NotCanonical { what, at } = 7501, "the bytes are not a canonical {what} (at {at})",
        "the bytes are not a canonical document",
        "Agreements, measures and statement bodies have exactly one form; anything else was not \
         written by Saldo or was changed.",
        "Take the document from where it was made; do not edit or reformat it.";
    /// A version of the format that is not known.
    FormatVersion { what, format } = 7502, "the {what} has the unknown format `{format}`",
        "the document has an unknown format version",
        "It was written by a newer program.",
        "Use a program at least as new as the one that wrote it.";
    /// No road between two assets.
    QuotePair { source, from, to } = 7601, "the source {source} has no quotes from {from} to {to}",
        "a source does not price the assets in each other",
        "Neither the pair nor its inverse is quoted, and no pivot leads from one to the other.",
        "Add the pair to the source's quotes, or name a pivot that both are quoted against.";
    /// No quote of a day, nor of the days before that terms allow.
    QuoteMissing { source, pair, date, days } = 7602,
        "the source {source} has no {pair} for {date}, nor for the {days} days before",
        "a quote of a day is missing",
        "The rate is that of one day, or the latest before within the days that the terms allow.",
        "Add the quote, or allow older ones where the source does not publish every day.";
    /// No quote within a span of days.
    QuoteSpan { source, pair, first, end } = 7603,
        "the source {source} has no {pair} from {first} up to the day before {end}",
        "a span has no quote",
        "The rate is the mean or the last of the quotes of the span, and there is none.",
        "Add the quotes of the span.";
    /// A date that a rule asks for and nobody knows.
    QuoteDate { rule } = 7604, "the rate is taken on `{rule}`, a date that is not known here",
        "the date of a rate is not known",
        "A whole statement has no day of its event, and before a payment there is no day of it.",
        "Take the mean or the last quote of the period, or convert when the date is known.";
    /// Malformed quotes.
    QuotesShape { source, reason } = 7605, "the quotes of {source} are wrong: {reason}",
        "quotes, or terms of exchange, are malformed",
        "Rates are above zero and have at most 18 decimals; pairs are of two assets.",
        "Correct the quotes in the book, or the terms that name them.";
    /// A conversion that does not fit.
    QuoteRange { from, to } = 7606, "converting {from} to {to} needs more than 38 digits",
        "a conversion needs more than 38 digits",
        "An amount is multiplied by every rate before anything is divided or rounded.",
        "Round the amount before it is converted, or quote the rates with fewer decimals.";
    /// A malformed holiday set.
    HolidaysShape { holidays, reason } = 7701, "the holiday set {holidays} is wrong: {reason}",
        "a holiday set is malformed",
        "A holiday set says for which years it is complete, and which days of them are closed.",
        "Correct it in the book's calendars.";
    /// A day in a year that a holiday set says nothing of.
    HolidaysEnd { holidays, date } = 7702, "the holiday set {holidays} says nothing of {date}",
        "a holiday set does not reach the date",
        "Whether a day is a business day is known only in the years that the data covers; it is \
         never guessed.",
        "Add the year to the holiday set, and raise its version.";
    /// Malformed due terms.
    DueShape { reason } = 7703, "the due terms are wrong: {reason}",
        "due terms are malformed",
        "A part, a lag or a holiday set of the terms is not allowed.",
        "Correct `due` in the agreement's file.";
    /// A base of a due date that is not known.
    DueBase { base } = 7704, "the due date counts from `{base}`, which is not known here",
        "the day that a due date counts from is not known",
        "A period that is not closed has no day of its close, and a draft none of its statement.",
        "Close the period first, or count from the end of the period.";
    /// An amount that cannot be split into parts.
    DueAmount { amount } = 7705, "{amount} cannot be split into the parts that are due",
        "an amount cannot be split into parts",
        "It is finer than its asset, or a share of it needs more than 38 digits.",
        "Round it to the decimals of the asset before it is due.";
    /// No business day near a date.
    NoBusinessDay { date } = 7706, "there is no business day within 60 days of {date}",
        "no business day is near the date",
        "The holiday sets together close every day for two months, so one of them is wrong.",
        "Correct the holiday sets in the book's calendars.";
    /// A date outside the calendar.
    DateRange { date } = 7707, "counting from {date} leaves the calendar",
        "a date is outside the calendar",
        "Dates end with the year 9999.",
        "Check the lag, and the date that it counts from.";
    /// A malformed tax invoice.
    InvoiceShape { invoice, reason } = 7801, "the tax invoice {invoice} is wrong: {reason}",
        "a tax invoice is malformed",
        "A tax invoice names two businesses by their registration numbers, and its amounts are \
         the sums of its items.",
        "Correct what the message names before it is issued; an issued one is amended instead.";
    /// A change that a tax invoice cannot have.
    AmendShape { invoice, reason } = 7802, "the tax invoice {invoice} cannot be amended: {reason}",
        "a tax invoice cannot be amended so",
        "The law has a closed list of reasons, each with its own date and amount.",
        "Check the day and the amount, or choose the reason that fits.";
    /// An amount of a tax invoice that does not fit.
    InvoiceRange { amount } = 7803, "the tax on {amount} needs more than 38 digits",
        "an amount of a tax invoice is too large",
        "Amounts are exact or refused.",
        "Check the unit of the amount: tax invoices are in whole won.";
}

impl std::error::Error for SettleError {}
