package wecom

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"mime"
	"net/http"
	"path"
	"strings"

	"deskmate/model"
)

// BotFileLimit is the largest file written to an AI bot that is fetched, in bytes: what can be
// passed on to a member (doc path/90253). WeCom takes up to 100 MB.
const BotFileLimit = 20 << 20

// BotFile fetches a file that was written to the account's AI bot, within five minutes of
// that, and opens it. One that is too large is invalid, "too_big"; one that doesn't open
// "bad_file"; one that is there no more is [model.ErrNotFound].
func (c *Client) BotFile(ctx context.Context, acc model.Account, file model.Content) (name string, data []byte, err error) {
	const endpoint = "aibot/file"
	key, err := botFileKey(acc, file)
	if err != nil {
		return "", nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, mediaTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, file.URL, http.NoBody)
	if err != nil || checkLink(file.URL) != nil {
		return "", nil, model.Invalid("bad_file", "the file's address is none")
	}
	resp, err := c.send(req, endpoint)
	if transport, ok := errors.AsType[*transportError](err); ok && !transport.temporary() {
		return "", nil, fmt.Errorf("fetch a file of the bot: %w (status %d)", model.ErrNotFound, transport.status)
	}
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	sealed, err := io.ReadAll(io.LimitReader(resp.Body, BotFileLimit+padBlock+1))
	if err != nil {
		return "", nil, &transportError{endpoint: endpoint, status: resp.StatusCode, reached: true, err: mask(err)}
	}
	if data, err = openBotFile(sealed, key); err != nil {
		return "", nil, err
	}
	if len(data) > BotFileLimit {
		return "", nil, model.Invalid("too_big", "the file is larger than %d bytes", BotFileLimit)
	}
	return botFileName(file, resp, data), data, nil
}

// botFileKey is the key of a file: its own, or that of the bot's callback.
func botFileKey(acc model.Account, file model.Content) ([]byte, error) {
	text := file.AESKey
	if text == "" {
		text = acc.Group.EncodingAESKey.Reveal()
	}
	key, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	if err != nil || len(key) != aesKeySize {
		return nil, model.Invalid("bad_file", "the file's key is none")
	}
	return key, nil
}

// openBotFile decrypts a file (doc path/100719): AES-256-CBC, the IV being the key's first 16
// bytes, padded to 32.
func openBotFile(sealed, key []byte) ([]byte, error) {
	block, err := aes.NewCipher(key)
	if err != nil || len(sealed) == 0 || len(sealed)%aes.BlockSize != 0 {
		return nil, model.Invalid("bad_file", "the file has no whole blocks")
	}
	data := bytes.Clone(sealed)
	cipher.NewCBCDecrypter(block, key[:aes.BlockSize]).CryptBlocks(data, data)
	data, ok := unpad(data)
	if !ok {
		return nil, model.Invalid("bad_file", "the file does not end in padding")
	}
	return data, nil
}

// botFileName is the name under which people see the file.
func botFileName(file model.Content, resp *http.Response, data []byte) string {
	name := file.Name
	if _, params, err := mime.ParseMediaType(resp.Header.Get("Content-Disposition")); err == nil && name == "" {
		name = params["filename"]
	}
	if name != "" {
		if name = path.Base(strings.ReplaceAll(name, `\`, "/")); name != "." && name != "/" {
			return name
		}
	}
	ending := ""
	if kinds, _ := mime.ExtensionsByType(http.DetectContentType(data)); len(kinds) > 0 {
		ending = kinds[len(kinds)-1]
	}
	return string(file.Type) + ending
}
