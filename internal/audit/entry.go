// Package audit makes the record of what happened tamper-evident (S24).
//
// Every transition of an account writes one [Entry] in its own transaction. An entry's hash covers its fields and the hash
// of the account's entry before it, so each account carries a chain whose head stands in the account row:
//
//	account A:  1 ◄── 2 ◄── 3 (head)          account B:  1 ◄── 2 (head)
//
// Later, outside the hot path, a sequencer lines the entries of all accounts up into one Merkle log (RFC 6962) and signs
// its size and root, the checkpoint:
//
//	log:  A1  B1  A2  A3  B2  │ checkpoint: size 5, root, signature
//
// The chain finds what was changed within an account; the log finds a whole account that vanished; the signed checkpoint,
// once it is kept by somebody else, finds a database that was rewritten from end to end. [VerifyChain] and [VerifyLog] name
// the first entry that is not as it was.
//
// The package is pure: entries and hashes come in as values or through a reader, new hashes go out as values. It does not
// store, schedule or decide what is worth recording, and it does not seal: a detail that is personal data is sealed by the
// caller before it gets here.
package audit

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/jieling-id/jieling"
)

// Entry is one transition of one account. Rows are only ever added (S24).
type Entry struct {
	Account jieling.AccountID
	Seq     int64          // 1, 2, 3… within the account, without gaps; equals the account's version after the transition
	Case    jieling.CaseID // empty where the transition belongs to no case
	Actor   string         // on whose proof it was done (S3): kind and name, never a secret
	Verb    string         // what was done, in the engine's word for it
	At      time.Time      // to the microsecond, which is what every store keeps; finer digits are not sealed
	// Detail is canonical JSON and is sealed byte for byte: store it as bytes or text, never in a type that rewrites it.
	Detail []byte
	Prev   [sha256.Size]byte // Hash of the account's entry before this one; zero for the first
	Hash   [sha256.Size]byte // Sum(Prev)
}

// encoding opens what is hashed, so that no other use of SHA-256 here or elsewhere can yield an entry's hash, and a later
// encoding cannot be mistaken for this one.
const encoding = "jieling audit entry v1"

// Sum is the hash the entry must carry when it follows the entry whose hash is prev. Every field goes in behind its length,
// so that no two different entries have one encoding. The entry's own Prev and Hash are not read.
func (e Entry) Sum(prev [sha256.Size]byte) [sha256.Size]byte {
	b := make([]byte, 0, 256+len(e.Detail))
	b = appendField(b, encoding)
	b = append(b, prev[:]...)
	b = binary.BigEndian.AppendUint64(b, uint64(e.Seq))
	b = binary.BigEndian.AppendUint64(b, uint64(e.At.UnixMicro()))
	b = appendField(b, e.Account)
	b = appendField(b, e.Case)
	b = appendField(b, e.Actor)
	b = appendField(b, e.Verb)
	b = appendField(b, e.Detail)
	return sha256.Sum256(b)
}

func appendField[T ~string | ~[]byte](b []byte, field T) []byte {
	b = binary.BigEndian.AppendUint64(b, uint64(len(field)))
	return append(b, field...)
}

// After returns the entry as the one that follows the account's head, with Prev and Hash set.
func (e Entry) After(head [sha256.Size]byte) Entry {
	e.Prev, e.Hash = head, e.Sum(head)
	return e
}

// Broken says where a chain or the log stops being what was sealed, and how that shows. It means tampering or damage; a
// failure to read is any other error.
type Broken struct {
	// Position counts from 0: in the log for [VerifyLog], in the chain for [VerifyChain]. One past the last entry means that
	// no single entry is at fault, only the whole.
	Position int64
	Account  jieling.AccountID // empty where there is no entry at Position
	Seq      int64             // the entry's number within the account, as it now reads
	Why      string
}

// Error names the entry and what is wrong with it.
func (b *Broken) Error() string {
	if b.Account == "" {
		return fmt.Sprintf("audit: broken at position %d: %s", b.Position, b.Why)
	}
	return fmt.Sprintf("audit: broken at position %d (%s no. %d): %s", b.Position, b.Account, b.Seq, b.Why)
}

func (e Entry) broken(position int64, why string) *Broken {
	return &Broken{Position: position, Account: e.Account, Seq: e.Seq, Why: why}
}

// end is where an account's chain stands.
type end struct {
	seq  int64
	hash [sha256.Size]byte
}

// flaw says what is wrong with e as the next entry after this end, or nothing.
func (at end) flaw(e Entry) string {
	switch {
	case e.Seq != at.seq+1:
		return fmt.Sprintf("number %d should follow; an entry is missing, repeated or out of place", at.seq+1)
	case e.Prev != at.hash:
		return "it does not follow the account's entry before it; one of the two was changed or exchanged"
	case e.Hash != e.Sum(e.Prev):
		return "its content is not what was sealed"
	default:
		return ""
	}
}

// VerifyChain checks the whole history of one account, oldest first, against the head its row carries. A nil error means
// that entries are exactly those that made head. A fault is a [*Broken] naming the first bad entry.
func VerifyChain(account jieling.AccountID, entries []Entry, head [sha256.Size]byte) error {
	var at end
	for i, e := range entries {
		if e.Account != account {
			return e.broken(int64(i), "it belongs to another account than "+string(account))
		}
		if why := at.flaw(e); why != "" {
			return e.broken(int64(i), why)
		}
		at = end{e.Seq, e.Hash}
	}
	if at.hash != head {
		return &Broken{Position: int64(len(entries)), Why: "the account's head is not its last entry; entries are missing at the end, or the head was changed"}
	}
	return nil
}
