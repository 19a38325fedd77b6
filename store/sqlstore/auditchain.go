package sqlstore

import (
	"context"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"strings"

	"gorm.io/gorm"

	"deskmate/model"
)

// chainRow is the end of an account's chain of audit entries. Who adds entries locks it, after
// everything else.
type chainRow struct {
	AccountID uint64 `gorm:"primaryKey;autoIncrement:false"`
	BegunMS   int64  `gorm:"not null"`
	Seq       uint64 `gorm:"not null"`
	Hash      string `gorm:"size:80;not null"`
	MAC       string `gorm:"column:mac;size:80;not null"` // of all of the above
}

// TableName implements gorm's Tabler.
func (chainRow) TableName() string { return "audit_chain" }

func (c chainRow) chain() model.AuditChain {
	return model.AuditChain{AccountID: c.AccountID, BegunMS: c.BegunMS, Seq: c.Seq, Hash: c.Hash}
}

// chainer signs audit entries and the ends of chains. Its key is derived from the secret key,
// which is not in the database.
type chainer struct {
	key   []byte
	keyID string
}

func newChainer(secret []byte, keyID string) (chainer, error) {
	key, err := hkdf.Key(sha256.New, secret, nil, "deskmate audit chain", sha256.Size)
	if err != nil {
		return chainer{}, fmt.Errorf("derive the key of the audit log: %w", err)
	}
	return chainer{key: key, keyID: keyID}, nil
}

// digest is an HMAC over fields, each led by its length, so that no two lists of fields read
// the same.
type digest struct{ hash.Hash }

func (c chainer) digest(domain string) digest {
	d := digest{hmac.New(sha256.New, c.key)}
	d.text(domain)
	return d
}

func (d digest) number(n uint64) {
	_, _ = d.Write(binary.BigEndian.AppendUint64(nil, n)) // a hash never fails
}

func (d digest) text(s string) {
	d.number(uint64(len(s)))
	_, _ = d.Write([]byte(s))
}

func (d digest) sum(c chainer) string { return c.keyID + ":" + hex.EncodeToString(d.Sum(nil)) }

// entry is the hash of an entry at its place, behind the one before.
func (c chainer) entry(a model.Audit) string {
	d := c.digest("audit entry 1")
	d.number(a.AccountID)
	d.number(a.Seq)
	d.text(a.Prev)
	d.number(uint64(a.AtMS)) //nolint:gosec // every value has one form
	for _, s := range [...]string{a.Actor, a.Action, a.Target, a.Before, a.After, a.From} {
		d.text(s)
	}
	return d.sum(c)
}

// end is the signature under a chain's end.
func (c chainer) end(r chainRow) string {
	d := c.digest("audit chain 1")
	for _, n := range [...]uint64{r.AccountID, uint64(r.BegunMS), r.Seq} { //nolint:gosec // as above
		d.number(n)
	}
	d.text(r.Hash)
	return d.sum(c)
}

// signed reports whether a chain's end is as it was signed.
func (c chainer) signed(r chainRow) bool { return hmac.Equal([]byte(c.end(r)), []byte(r.MAC)) }

// foreign reports whether a hash was made with another secret key.
func (c chainer) foreign(hash string) bool {
	id, _, ok := strings.Cut(hash, ":")
	return ok && id != c.keyID
}

// AuditChains lists the chains of the installation and of all accounts, of those that are gone,
// too, by account.
func (s *Store) AuditChains(ctx context.Context) ([]model.AuditChain, error) {
	var rows []chainRow
	err := s.reader(ctx).Order("account_id").Find(&rows).Error
	list := make([]model.AuditChain, len(rows))
	for i, r := range rows {
		list[i] = r.chain()
	}
	return list, s.wrap(err, "list the chains of the audit log")
}

// findChain is the chain of an account, locked where q says so.
func findChain(q *gorm.DB, accountID uint64) (chainRow, bool, error) {
	return find[chainRow](q.Where("account_id = ?", accountID))
}

// lockChain locks an account's chain; begun tells that it did not exist before, and broken
// that its end is not as it was signed.
func (s *Store) lockChain(tx *gorm.DB, accountID uint64) (c chainRow, begun, broken bool, err error) {
	c, ok, err := findChain(tx.Clauses(forUpdate()), accountID)
	if err != nil || ok {
		return c, false, ok && !s.chains.signed(c), err
	}
	// Entries without a chain: somebody took its row away.
	last, left, err := find[model.Audit](tx.Where("account_id = ? AND seq > 0", accountID).Order("seq DESC"))
	if err != nil {
		return c, false, false, err
	}
	c = chainRow{AccountID: accountID, BegunMS: s.nowMS()}
	if left {
		c.Seq, c.Hash = last.Seq, last.Hash
	}
	c.MAC = s.chains.end(c)
	if err = tx.Create(&c).Error; errors.Is(s.translate(err), model.ErrDuplicate) {
		err = errMoved // another transaction began it a moment before
	}
	return c, true, left, err
}

// saveChain signs a chain's end and writes it.
func (s *Store) saveChain(tx *gorm.DB, c chainRow) error {
	c.MAC = s.chains.end(c)
	return tx.Model(&chainRow{}).Where("account_id = ?", c.AccountID).
		Updates(map[string]any{"seq": c.Seq, "hash": c.Hash, "mac": c.MAC}).Error
}
