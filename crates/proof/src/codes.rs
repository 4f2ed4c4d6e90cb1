//! Every stable code of this crate, `E6xxx`, with its page. Numbers are never reused.

use ledger::code::Code;

macro_rules! codes {
    ($($number:literal, $title:literal, $cause:literal, $hint:literal;)*) => {
        /// The page of every code of this crate, ascending.
        pub const CODES: &[Code] = &[$(Code {
            code: concat!("E", stringify!($number)),
            title: $title,
            cause: $cause,
            hint: $hint,
        },)*];
    };
}

/// The hint on the page of `code`; empty for a code that has no page.
pub(crate) fn hint(code: &str) -> &'static str {
    CODES.iter().find(|page| page.code == code).map_or("", |page| page.hint)
}

codes! {
    6001, "the text is not a hash",
        "A hash is written in one of two spellings, and this is neither.",
        "Write 64 lowercase hexadecimal digits, or 44 characters of padded base64.";
    6002, "the bytes are not leaf data",
        "Leaf data begins with a version and has exactly the length that its fields need.",
        "A newer Saldo may have written it; otherwise the bytes were altered.";
    6003, "the path names no tile",
        "A tile's path is `tile/<level>/<index>`, with `.p/<width>` for a partial one.",
        "Ask for tile/<level>/<index>[.p/<width>], the index in groups of three digits.";
    6004, "the bytes are not a tree's right edge",
        "The edge of a growing tree is stored with a version and a length that its size decides.",
        "Rebuild the tree from the Log; `saldo verify` says whether the roots still agree.";
    6005, "the bytes are not the commitment of a statement",
        "A commitment begins with a version and has exactly the bytes that its fields need.",
        "A newer Saldo may have written it; otherwise the bytes were altered.";
    6006, "the heads of a cut cannot be written",
        "The cut of a commitment names each stream once, by an origin of bounded length.",
        "Give each stream once, at the size at which it was cut.";
    6007, "the bytes are not posting rules",
        "Posting rules are stored in one form, and every index in them must name something.",
        "A newer Saldo may have written them; otherwise the bytes were altered.";
    6008, "the bytes are not a list of account sums",
        "The rows of a statement are ascending by account and asset, each once.",
        "Ask the operator for the file again; this one was cut or altered.";
    6009, "the bytes are not a list of events",
        "The list is sorted, and begins with a version.",
        "Ask the operator for the file again; this one was cut or altered.";
    6010, "the leaf is not in a tree of this size",
        "The record has a later place than the tree's last leaf.",
        "Take a checkpoint that is newer than the record.";
    6011, "the tree sizes are out of order",
        "A tree only grows, so the one that comes first cannot be larger.",
        "Give the smaller tree first.";
    6012, "the proof has the wrong number of hashes",
        "The sizes decide how many hashes a proof has.",
        "The proof was cut, extended, or made for other sizes.";
    6013, "the proof leads to another root",
        "The hashes do not lead from the record to the root that was signed.",
        "The record, the proof or the checkpoint was altered: do not trust it.";
    6014, "a tile could not be read",
        "The hashes of the tree are kept in tiles, and one of them is not there.",
        "Run `saldo verify`; tiles can be rebuilt from the Log.";
    6015, "a tile is too short",
        "The tile has fewer hashes than the tree's size demands.",
        "Run `saldo verify`; tiles can be rebuilt from the Log.";
    6020, "a stream has two heads",
        "The tree over an operator's streams has one head for each.",
        "Give each stream once, at its latest size.";
    6021, "an origin is too long",
        "The length of an origin is stored in two bytes.",
        "An origin is an operator and a source of 64 bytes at most.";
    6022, "the bytes are not a stream head",
        "A head begins with a version and has exactly the length that its fields need.",
        "A newer Saldo may have written it; otherwise it was altered.";
    6030, "the key name is not allowed",
        "A key name is not empty and has neither spaces nor a plus sign.",
        "Use the operator's name, or operator/source.";
    6031, "the text is not a verifier key",
        "A verifier key is written name+hash+key, and the hash is of the name and the key.",
        "Copy the whole line: name+hash+key.";
    6032, "the text cannot be signed as a note",
        "The text of a note is UTF-8 without control characters and ends in a newline.",
        "Sign plain lines of text.";
    6033, "the bytes are not a signed note",
        "A note is a text, an empty line, and signature lines.",
        "The note was cut or altered; fetch it again.";
    6034, "no known key signed the note",
        "None of the keys given, or none that may speak for this operator, signed it.",
        "Check with the public key of that operator, as it was given to you by another way; a \
         sandbox has a key of its own.";
    6035, "a signature does not fit",
        "The text was changed after it was signed, or the signature was.",
        "Do not trust it; ask the operator for the file again.";
    6036, "the note has too many signatures",
        "More than 100 signatures serve nobody but one who wants the check to take long.",
        "Keep the signatures of the keys that you know.";
    6040, "the text is not a checkpoint",
        "A checkpoint states an origin, a size and a root, one a line.",
        "It was cut or altered; fetch it again.";
    6041, "the checkpoint is of another stream",
        "The first line of a checkpoint names the stream whose tree it states.",
        "Fetch the checkpoint of the stream that you check.";
    6042, "the checkpoint's note cannot be trusted",
        "The note that carries it is malformed, or not signed by a known key.",
        "Check with the public key of the operator, as it was given to you by another way.";
    6050, "the bytes are not a proof file",
        "A proof file is JSON with known fields, written in exactly one form.",
        "Ask for the file again; it was cut, reformatted or altered on the way.";
    6051, "the proof file is of an unknown version or type",
        "The fields `saldo-proof` and `type` say what the file is, and this program does not \
         know it.",
        "Use a newer Saldo, or the check that fits the type.";
    6060, "the file's event is not an event",
        "The event's bytes are not a canonical event.",
        "Ask for the file again; it was altered.";
    6061, "the file names another event than it proves",
        "Operator, source and id stand beside the event's bytes, and they differ from them.",
        "Do not trust it; ask for the proof of the event that you mean.";
    6062, "the file states another tree size than its checkpoint",
        "An inclusion proof holds for one size of the tree, and that is the signed one.",
        "Ask for the file again; it was altered.";
    6070, "the statement's body is not the committed one",
        "The operator committed to the hash of another body.",
        "Do not accept the statement; ask the operator which one holds.";
    6071, "the terms are not the committed ones",
        "The operator committed to the hash of another agreement, or of other measures.",
        "Do not accept the statement; compare the terms with those that you signed.";
    6072, "the posting rules are not the committed ones",
        "The operator committed to the hash of other rules.",
        "Do not accept the statement; ask the operator for the whole file again.";
    6073, "the account sums are not the committed ones",
        "The rows do not lead to the root that the operator committed to.",
        "Do not accept the statement; ask the operator for the whole file again.";
    6074, "the commitment is of something else",
        "Operator, agreement, version or period of the commitment, the agreement, the rules and \
         the statement do not agree.",
        "Do not accept the statement; ask the operator which period it is of.";
    6075, "the account sums are not those that the agreement reads",
        "A row belongs to an account that no step of the agreement reads under its selection.",
        "Do not accept the statement; the file was not made by Saldo.";
    6076, "the agreement cannot be rated",
        "The agreement, the measures and the sums do not give a statement.",
        "The cause says why; ask the operator for the terms that were used.";
    6077, "the statement does not follow",
        "Rating the agreement over the committed sums gives another statement than this one.",
        "Do not accept the statement: the named line differs.";
    6078, "the manifest binds something else",
        "The operator signs which events stand behind which commitment, and this is another pair.",
        "Do not accept the event list; ask the operator for the whole file again.";
    6079, "the period has other bounds than its zone gives",
        "The bounds were resolved once, when the period was opened; the zone data of this program \
         gives others.",
        "Compare the bounds with the calendar that you agreed on.";
    6080, "an event of yours is missing",
        "The operator's list for this statement does not have it: it did not arrive before the \
         cut, was refused or quarantined, or was left out.",
        "Ask for its receipt or the reason of its quarantine; otherwise dispute the statement.";
    6081, "the statement counts an event that is not yours",
        "The operator's list has, under a source of yours, an event that you did not give here.",
        "Look whether your own list is complete; otherwise dispute the statement.";
    6082, "an event of yours was altered",
        "The operator's list has the id with another content than yours.",
        "Ask for the event's proof file and compare; dispute the statement if yours is right.";
    6083, "the events of a quarter of an hour differ",
        "Count or digest of the events of one source within 15 minutes differ from yours.",
        "Ask the operator for the events of this quarter of an hour, and compare them.";
    6084, "an account sum does not follow from the events",
        "Posting your events by the rules gives another sum than the committed one.",
        "Do not accept the statement; the named account differs.";
    6085, "a part was not checked",
        "What it needs was not given, such as an event of another source that one refers to.",
        "Give the events of all listed sources to check this too.";
    6086, "a given event cannot be compared",
        "Its bytes are not a canonical event, or it is of another operator.",
        "Correct how your list is made; it must be of this operator's events.";
    6087, "two given events have the same id",
        "Your list has two different contents under one id.",
        "Correct your list so that it holds only what you sent.";
    6090, "the text is not the note of an agreement",
        "The note of a version has eight lines in one spelling: operator, agreement, version, both \
         parties, from and until when it holds, the hash of its terms.",
        "It was cut or altered; ask for the file again.";
    6091, "the note is of other terms",
        "A note names one version by the hash of its terms, and these terms have another hash, or \
         are of another agreement.",
        "Whoever signed the note did not sign these terms: have this version offered and signed \
         anew.";
    6092, "a party has not signed the version",
        "A version is agreed on when the operator and the counterparty have both signed its note.",
        "Send the file of `saldo agreement offer` to the party, which signs it with `saldo \
         agreement sign`; then `saldo agreement countersign`.";
    6093, "the signing key did not hold at that time",
        "The book says from when and until when a key of a party counts.",
        "Sign with the key that holds now, or correct its dates in parties.yaml.";
    6094, "the key is of no party to the agreement",
        "Only the operator and the two parties sign, with a key named after them.",
        "Use the key of the party: `saldo key show FILE` tells whose a key is.";
    6095, "a notice is not of the command that it names",
        "Each notice carries the record of its command, and says something else than that.",
        "Do not trust the list; ask the operator for the whole file again.";
    6096, "the note is not the head of receipts",
        "The note of a receipt has six lines in one spelling: its title, operator and source, \
         leaves, root, received at, latest inclusion.",
        "It was cut or altered; use the receipt as it was answered.";
    6097, "the receipt is of other events",
        "The events given, in this order, do not lead to the hashes that were signed.",
        "Give the events of that one request, in the order sent, and name the personal \
         dimensions (`--personal`); else the receipt is not theirs.";
}
