package wecom_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/silenceper/wechat/v2/util"

	"deskmate/model"
	"deskmate/wecom"
)

// The sample configuration of WeCom's documentation (doc path/90968).
const (
	sampleToken   = "QDG6eK"
	sampleKey     = "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"
	sampleReceive = "wx5823bf96d3bd56c7"
	samplePost    = "RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q=="
	sampleEcho    = "P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ=="
)

func mustCrypto(t testing.TB, receiveID string) *wecom.Crypto {
	t.Helper()
	crypto, err := wecom.NewCrypto(sampleToken, sampleKey, receiveID)
	if err != nil {
		t.Fatal(err)
	}
	return crypto
}

// seal encrypts a plaintext block as it is, padding included.
func seal(t testing.TB, block []byte) string {
	t.Helper()
	key, err := base64.StdEncoding.DecodeString(sampleKey + "=")
	if err != nil {
		t.Fatal(err)
	}
	c, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	out := make([]byte, len(block))
	cipher.NewCBCEncrypter(c, key[:16]).CryptBlocks(out, block)
	return base64.StdEncoding.EncodeToString(out)
}

// block is a plaintext block that says its message has size bytes.
func block(size uint32, rest string) []byte {
	b := make([]byte, 16, 64)
	b = binary.BigEndian.AppendUint32(b, size)
	return append(b, rest...)
}

func pad(b []byte, with ...byte) []byte { return append(b, with...) }

func repeat(b byte, times int) []byte { return []byte(strings.Repeat(string(rune(b)), times)) }

// reasonOf is the reason of a model error; "" for none.
func reasonOf(err error) string {
	if e, ok := errors.AsType[*model.Error](err); ok {
		return e.Reason
	}
	return ""
}

func TestCryptoOpensTheDocumentedSamples(t *testing.T) {
	t.Parallel()
	crypto := mustCrypto(t, sampleReceive)
	tests := []struct {
		name, timestamp, nonce, encrypted, signature, want string
	}{
		{
			"echo", "1409659589", "263014780", sampleEcho,
			"5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", "1616140317555161061",
		},
		{
			"post", "1409659813", "1372623149", samplePost,
			"477715d11cdb4164915debcba66cb864d751f3e6", "<MsgId>4561255354251345929</MsgId>",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if got := crypto.Sign(tt.timestamp, tt.nonce, tt.encrypted); got != tt.signature {
				t.Errorf("signature is %s, want %s", got, tt.signature)
			}
			if err := crypto.Verify(tt.signature, tt.timestamp, tt.nonce, tt.encrypted); err != nil {
				t.Errorf("verify: %v", err)
			}
			plain, err := crypto.Decrypt(tt.encrypted)
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(string(plain), tt.want) {
				t.Errorf("plaintext %q lacks %q", plain, tt.want)
			}
		})
	}
}

func TestCryptoAgreesWithTheSDK(t *testing.T) {
	t.Parallel()
	crypto := mustCrypto(t, sampleReceive)
	for size := range 70 { // every padding from 1 to 32
		plain := []byte(strings.Repeat("文", size))
		theirs, err := util.EncryptMsg([]byte("0123456789abcdef"), plain, sampleReceive, sampleKey)
		if err != nil {
			t.Fatal(err)
		}
		got, err := crypto.Decrypt(string(theirs))
		if err != nil {
			t.Fatalf("decrypt the SDK's %d bytes: %v", len(plain), err)
		}
		if diff := cmp.Diff(string(plain), string(got)); diff != "" {
			t.Error(diff)
		}
		ours, err := crypto.Encrypt(plain)
		if err != nil {
			t.Fatal(err)
		}
		_, got, err = util.DecryptMsg(sampleReceive, ours, sampleKey)
		if err != nil {
			t.Fatalf("the SDK decrypts our %d bytes: %v", len(plain), err)
		}
		if diff := cmp.Diff(string(plain), string(got)); diff != "" {
			t.Error(diff)
		}
	}
}

func TestCryptoEncrypt(t *testing.T) {
	t.Parallel()
	t.Run("never_makes_the_same_text_twice", func(t *testing.T) {
		t.Parallel()
		crypto := mustCrypto(t, sampleReceive)
		one, err := crypto.Encrypt([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		two, err := crypto.Encrypt([]byte("x"))
		if err != nil || one == two {
			t.Errorf("second text is the first, or fails: %v", err)
		}
	})
	t.Run("opens_without_a_receiveid", func(t *testing.T) { // an AI bot; the SDK can't
		t.Parallel()
		crypto := mustCrypto(t, "")
		text, err := crypto.Encrypt([]byte(`{"a":1}`))
		if err != nil {
			t.Fatal(err)
		}
		got, err := crypto.Decrypt(text)
		if err != nil || string(got) != `{"a":1}` {
			t.Errorf("got %q, %v", got, err)
		}
	})
	t.Run("compares_the_receiveid_without_case", func(t *testing.T) {
		t.Parallel()
		text, err := mustCrypto(t, strings.ToUpper(sampleReceive)).Encrypt([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := mustCrypto(t, sampleReceive).Decrypt(text); err != nil {
			t.Error(err)
		}
	})
}

func TestCryptoRefuses(t *testing.T) {
	t.Parallel()
	crypto := mustCrypto(t, sampleReceive)
	envelope := []struct{ name, encrypted string }{
		{"nothing", ""},
		{"no_base64", "%%%"},
		{"half_a_block", base64.StdEncoding.EncodeToString(make([]byte, 16))},
		{"padding_of_zero", seal(t, pad(block(0, strings.Repeat("x", 11)), 0))},
		{"padding_too_large", seal(t, pad(block(0, strings.Repeat("x", 11)), 33))},
		{"padding_not_alike", seal(t, pad(block(0, strings.Repeat("x", 10)), 9, 2))},
		{"too_short_for_a_length", seal(t, repeat(32, 32))},
		{"length_beyond_the_end", seal(t, append(block(5, "abcd"), repeat(8, 8)...))},
		{"length_that_overflows", seal(t, append(block(0xFFFFFFFF, "abcd"), repeat(8, 8)...))},
	}
	for _, tt := range envelope {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := crypto.Decrypt(tt.encrypted)
			if reasonOf(err) != "bad_envelope" || model.CodeOf(err) != model.CodeInvalid {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("another_receiver", func(t *testing.T) {
		t.Parallel()
		text, err := mustCrypto(t, "ww0000000000000000").Encrypt([]byte("x"))
		if err != nil {
			t.Fatal(err)
		}
		_, err = crypto.Decrypt(text)
		if reasonOf(err) != "bad_receiveid" || model.CodeOf(err) != model.CodeForbidden {
			t.Errorf("got %v", err)
		}
	})
	for _, signature := range []string{"", "5c45", strings.Repeat("0", 40), strings.ToUpper("477715d11cdb4164915debcba66cb864d751f3e6")} {
		t.Run("signature_"+signature, func(t *testing.T) {
			t.Parallel()
			err := crypto.Verify(signature, "1409659813", "1372623149", samplePost)
			if reasonOf(err) != "bad_signature" || model.CodeOf(err) != model.CodeUnauthenticated {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestNewCryptoKeys(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, key string
		ok        bool
	}{
		{"sample", sampleKey, true},
		{"stray_bits_at_the_end", sampleKey[:42] + "D", true},
		{"too_short", sampleKey[:42], false},
		{"too_long", sampleKey + "x", false},
		{"no_base64", strings.Repeat("%", 43), false},
		{"line_end_inside", "\n" + sampleKey[1:], false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := wecom.NewCrypto("t", model.Secret(tt.key), "c")
			if (err == nil) != tt.ok {
				t.Fatalf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), tt.key) {
				t.Error("the error shows the key")
			}
		})
	}
}

func FuzzDecrypt(f *testing.F) {
	f.Add(sampleEcho, []byte("hello"))
	f.Add(samplePost, []byte{})
	f.Add("", []byte("员工"))
	f.Add(base64.StdEncoding.EncodeToString(make([]byte, 64)), []byte("x"))
	crypto, err := wecom.NewCrypto(sampleToken, sampleKey, sampleReceive)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, encrypted string, plain []byte) {
		if _, err := crypto.Decrypt(encrypted); err != nil && reasonOf(err) == "" {
			t.Errorf("decrypt fails with %v", err)
		}
		text, err := crypto.Encrypt(plain)
		if err != nil {
			t.Fatal(err)
		}
		got, err := crypto.Decrypt(text)
		if err != nil || string(got) != string(plain) {
			t.Errorf("%q became %q, %v", plain, got, err)
		}
	})
}
