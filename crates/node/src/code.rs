//! The node's codes: what can be wrong with a home, its settings, keys and backups.

book::codes! {
    NO_HOME = "E5301", "this is not a Saldo directory",
        "A Saldo directory has the file saldo.yaml in it.",
        "Name the directory with `saldo -C DIR ...`, or make one with \
         `saldo init DIR --template gaming`.";
    BAD_SETTINGS = "E5302", "saldo.yaml is not accepted",
        "A setting is unknown, missing, or has a value that is not allowed; nothing is guessed.",
        "Correct the line that the message names; `saldo init` shows a whole file.";
    HOME_EXISTS = "E5303", "there is something already",
        "Nothing that exists is overwritten.",
        "Choose another directory, or another operator with `--operator NAME`.";
    UNKNOWN_OPERATOR = "E5304", "there is no such operator here",
        "saldo.yaml lists the operators of the directory.",
        "Use a name from the list, or add one with `saldo init DIR --operator NAME`.";
    WHICH_OPERATOR = "E5305", "there are several operators here",
        "Without a default in saldo.yaml the command must say which one it is about.",
        "Add `--operator NAME`, or set `default` in saldo.yaml.";
    BAD_NAME = "E5306", "the name is not allowed",
        "An operator's name has 1 to 64 of the characters a-z, 0-9 and -; it is in every record \
         and key.",
        "Choose another name, such as `acme` or `north-2`.";
    UNKNOWN_TEMPLATE = "E5307", "there is no such template",
        "Templates are example books: gaming, marketplace, app-store, payments.",
        "Choose one of these with `--template`.";
    NO_BOOK = "E5308", "the operator has no book",
        "The book is the directory books/OPERATOR with its YAML files.",
        "Copy one from an example, or make a new operator with `saldo init`.";
    BOOK_MISTAKES = "E5309", "the book has mistakes",
        "A book is used only when none of its files has an error.",
        "Run `saldo check` and correct what it names.";
    NO_KEY = "E5310", "a key of the operator is missing or unreadable",
        "The keys are files in keys/OPERATOR, made by `saldo init`; what was written under a key \
         cannot be read or checked with another.",
        "Put the file back from where the keys are kept; a new key does not help.";
    BAD_KEY = "E5311", "a key file does not hold a key",
        "A key file is one line of hexadecimal digits of the right length, and the public key \
         belongs to the signing key.",
        "Put the file back from where the keys are kept.";
    OPEN_KEY = "E5312", "a key file can be read by others",
        "Whoever reads the keys can forge checkpoints and find people by their pseudonyms.",
        "Run `chmod 600` on the file that the message names.";
    SYSTEM = "E5313", "the system refused",
        "A file or directory could not be read or written; the message says which, and why.",
        "Look at the path, its permissions and the space left.";
    BAD_FIX = "E5314", "the correction is not an event",
        "A quarantined record is replaced by one line in Saldo's own event shape.",
        "Write the event as one line of JSON: source, id, kind, occurred_at, amount, asset, dims.";
    BAD_TIME = "E5315", "the text is not a time",
        "Times are RFC 3339 instants, or dates, which mean midnight UTC.",
        "Write it as 2016-11-01 or 2016-11-01T00:15:00Z.";
    NO_REASON = "E5316", "no reason is given",
        "A change of the book is recorded with who made it and why, and stays for good.",
        "Write it as `--reason \"new rates of studio-a from May\"`.";
    TOO_MANY_ROWS = "E5323", "there are too many events in one request",
        "A request is answered when all its events are durable; its size is limited so that no \
         answer takes long.",
        "Send them in several requests.";
    BUSY = "E5324", "more is coming in than can be written",
        "What waits to be written is limited, so that nothing accepted is ever dropped.",
        "Send it again after a moment; an event that was sent twice counts once.";
    STOPPING = "E5325", "Saldo is stopping",
        "What was accepted is finished; nothing new is taken until the next start.",
        "Send it again after the start; an event that was sent twice counts once.";
    STOPPED = "E5326", "Saldo takes nothing more after a failure",
        "A write or an invariant failed; going on could lose or double something.",
        "Its log names the failure (`error.message`): mend it, then start Saldo again: what was \
         accepted is kept.";
    BAD_CREDENTIAL = "E5327", "the credential cannot be made so",
        "A role, party, network or end is not one that can be given.",
        "Correct what the message names; `saldo access create --help` lists the roles.";
    NO_CREDENTIAL = "E5328", "there is no such credential",
        "Credentials are named by the id that `saldo access list` shows.",
        "Copy the id from the list.";
    ADDRESS = "E5329", "nothing can be listened at there",
        "Another process listens at the address, this machine does not have it, or the port is \
         kept for the system.",
        "Stop what listens there, or name another address: `saldo serve --listen 127.0.0.1:7401`.";
    UNDER_HOLD = "E8390", "what is asked for would delete what is held",
        "A legal hold covers raw rows that name the person; while it stands, nothing deletes them.",
        "`saldo legal-hold list` shows it: who ordered it, and why. When they lift it, ask again.";
    BAD_HOLD = "E8391", "the legal hold cannot be placed or lifted so",
        "It is on a party or a source of the book, or on days, and says who orders it and why.",
        "Correct what the message names.";
    NO_HOLD = "E8392", "there is no such legal hold that stands",
        "Holds are named by the id that `saldo legal-hold list` shows; each is lifted once.",
        "Copy the id from the list.";
    BACKUP_EXISTS = "E5320", "the target is not empty",
        "A backup is written to a new directory, and restored into a new one.",
        "Name a directory that does not exist.";
    BACKUP_DAMAGED = "E5321", "the backup is not whole",
        "A file is missing, was added, or is not what the manifest says.",
        "Use another backup; nothing was restored.";
    BACKUP_NO_KEYS = "E5322", "the backup has no keys",
        "It was made with `--without-keys`, and without the keys its data can be neither read nor \
         continued.",
        "Give the directory of the kept keys with `--keys DIR`.";
}
