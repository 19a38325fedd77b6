package sqlstore

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"deskmate/model"
)

// sealer encrypts secrets at rest with AES-256-GCM. A sealed secret reads
// "<key id>:<base64>"; it can only be opened in the row and column it was made for.
type sealer struct {
	aead  cipher.AEAD
	keyID string // names the key, so that a later one can tell what it did not seal
}

func newSealer(key []byte) (sealer, error) {
	const keySize = 32
	if len(key) != keySize {
		return sealer{}, model.Invalid("secret_key", "the secret key must have %d bytes", keySize)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return sealer{}, fmt.Errorf("use the secret key: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return sealer{}, fmt.Errorf("use the secret key: %w", err)
	}
	const idBytes = 4
	sum := sha256.Sum256(append([]byte("deskmate key id:"), key...))
	return sealer{aead: aead, keyID: hex.EncodeToString(sum[:idBytes])}, nil
}

// bound is what ties a sealed secret to its place.
func bound(table, column string, id uint64) []byte {
	return []byte(table + ":" + column + ":" + strconv.FormatUint(id, 10))
}

// seal encrypts a secret for its column of a table; the empty secret stays empty.
func (s sealer) seal(secret model.Secret, table, column string, id uint64) string {
	if secret == "" {
		return ""
	}
	sealed := s.aead.Seal(nil, nil, []byte(secret.Reveal()), bound(table, column, id)) //nolint:gosec // the AEAD makes its own random nonce
	return s.keyID + ":" + base64.StdEncoding.EncodeToString(sealed)
}

// open decrypts what seal made for the same place.
func (s sealer) open(sealed, table, column string, id uint64) (model.Secret, error) {
	if sealed == "" {
		return "", nil
	}
	keyID, text, _ := strings.Cut(sealed, ":")
	if keyID != s.keyID {
		return "", fmt.Errorf("open %s.%s of %d: it was sealed with another secret key", table, column, id)
	}
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return "", fmt.Errorf("open %s.%s of %d: damaged", table, column, id)
	}
	plain, err := s.aead.Open(nil, nil, raw, bound(table, column, id))
	if err != nil {
		return "", errors.Join(fmt.Errorf("open %s.%s of %d", table, column, id), err)
	}
	return model.Secret(plain), nil
}
