package wecom

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/binary"

	"github.com/silenceper/wechat/v2/util"

	"deskmate/model"
)

// The plaintext of an envelope: random bytes, the message's length, the message, the
// receiveid, padding (doc path/90968).
const (
	randomSize = 16 // random bytes in front
	headSize   = 20 // random bytes and the length, 4 bytes big endian
	padBlock   = 32 // WeCom pads to 32, although the cipher's block is 16
	aesKeySize = 32
	aesKeyText = 43 // characters of an EncodingAESKey
)

// Crypto signs, encrypts and decrypts for one callback configuration. It is safe for
// concurrent use.
type Crypto struct {
	token     string
	key       []byte
	block     cipher.Block
	receiveID string
}

// NewCrypto takes the callback's token, its EncodingAESKey of 43 characters, and the
// receiveid that every envelope must name: the CorpID for an app, "" for an AI bot. A key
// that is none gives the error "bad_aes_key".
func NewCrypto(token, encodingAESKey model.Secret, receiveID string) (*Crypto, error) {
	text := encodingAESKey.Reveal()
	if len(text) != aesKeyText {
		return nil, model.Invalid("bad_aes_key", "the EncodingAESKey must have %d characters", aesKeyText)
	}
	key, err := base64.StdEncoding.DecodeString(text + "=") // not Strict: some keys end in stray bits
	if err != nil || len(key) != aesKeySize {
		return nil, model.Invalid("bad_aes_key", "the EncodingAESKey is not Base64")
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, model.Invalid("bad_aes_key", "the EncodingAESKey makes no AES key")
	}
	return &Crypto{token: token.Reveal(), key: key, block: block, receiveID: receiveID}, nil
}

// Sign is the msg_signature of an encrypted text: 40 lower-case hex digits.
func (c *Crypto) Sign(timestamp, nonce, encrypted string) string {
	return util.Signature(c.token, timestamp, nonce, encrypted)
}

// Verify checks a msg_signature in constant time. A wrong one gives the error
// "bad_signature" of the class unauthenticated.
func (c *Crypto) Verify(signature, timestamp, nonce, encrypted string) error {
	want := c.Sign(timestamp, nonce, encrypted)
	if subtle.ConstantTimeCompare([]byte(want), []byte(signature)) != 1 {
		return &model.Error{
			Code: model.CodeUnauthenticated, Reason: "bad_signature",
			Message: "the callback's signature does not fit",
		}
	}
	return nil
}

// Decrypt opens an envelope whose signature was verified. One that is no envelope gives
// the error "bad_envelope" of the class invalid; one for somebody else "bad_receiveid",
// forbidden.
func (c *Crypto) Decrypt(encrypted string) ([]byte, error) {
	data, err := base64.StdEncoding.DecodeString(encrypted)
	if err != nil {
		return nil, badEnvelope("is not Base64")
	}
	if len(data) == 0 || len(data)%padBlock != 0 {
		return nil, badEnvelope("has no whole blocks")
	}
	cipher.NewCBCDecrypter(c.block, c.key[:aes.BlockSize]).CryptBlocks(data, data)
	data, ok := unpad(data)
	if !ok || len(data) < headSize {
		return nil, badEnvelope("does not end in padding")
	}
	size := int64(binary.BigEndian.Uint32(data[randomSize:headSize]))
	data = data[headSize:]
	if size > int64(len(data)) {
		return nil, badEnvelope("is shorter than it says")
	}
	if model.Fold(string(data[size:])) != model.Fold(c.receiveID) {
		return nil, &model.Error{
			Code: model.CodeForbidden, Reason: "bad_receiveid",
			Message: "the callback is for another receiver",
		}
	}
	return data[:size:size], nil
}

// Encrypt makes an envelope around plain, with a fresh random prefix.
func (c *Crypto) Encrypt(plain []byte) (string, error) {
	random := make([]byte, randomSize)
	_, _ = rand.Read(random) // never fails (crypto/rand)
	return base64.StdEncoding.EncodeToString(util.AESEncryptMsg(random, plain, c.receiveID, c.key)), nil
}

// unpad takes PKCS#7 padding of up to padBlock bytes off and checks every byte of it.
func unpad(data []byte) ([]byte, bool) {
	pad := int(data[len(data)-1])
	if pad < 1 || pad > padBlock || pad > len(data) {
		return nil, false
	}
	body := data[:len(data)-pad]
	for _, b := range data[len(body):] {
		if int(b) != pad {
			return nil, false
		}
	}
	return body, true
}

func badEnvelope(what string) error {
	return model.Invalid("bad_envelope", "the encrypted text %s", what)
}
