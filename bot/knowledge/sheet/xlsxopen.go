package sheet

import (
	"archive/zip"
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/xuri/excelize/v2"

	"deskmate/model"
)

// openXLSX opens a workbook that unpacks to a sane size and whose sheets are whole.
func openXLSX(data []byte) (*excelize.File, error) {
	if !looksZipped(data) {
		return nil, errBrokenXLSX()
	}
	if err := checkUnzipped(data); err != nil {
		return nil, err
	}
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnzippedBytes, UnzipXMLSizeLimit: maxUnzippedBytes,
	})
	if err != nil {
		return nil, errBrokenXLSX()
	}
	f.Pkg.Range(func(name, content any) bool {
		path, _ := name.(string)
		text, isText := content.([]byte)
		if isText && holdsCells(path) {
			text = escapeControls(text)
			f.Pkg.Store(name, text)
			err = wellFormed(text)
		}
		return err == nil
	})
	if err != nil {
		return nil, errBrokenXLSX()
	}
	return f, nil
}

// holdsCells reports whether a part of the package has texts of cells.
func holdsCells(path string) bool {
	path = strings.ToLower(path)
	return strings.HasPrefix(path, "xl/worksheets/") && strings.HasSuffix(path, ".xml") || path == "xl/sharedstrings.xml"
}

// checkUnzipped unpacks the archive to nowhere, because what it says about its own
// size may be a lie.
func checkUnzipped(data []byte) error {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return errBrokenXLSX()
	}
	left := int64(maxUnzippedBytes)
	for _, file := range archive.File {
		r, err := file.Open()
		if err != nil {
			return errBrokenXLSX()
		}
		n, err := io.CopyN(io.Discard, r, left+1)
		_ = r.Close()
		if err != nil && !errors.Is(err, io.EOF) {
			return errBrokenXLSX()
		}
		if left -= n; left < 0 {
			return model.Invalid("kb_file_too_long", "解压后超过 %d MB", maxUnzippedBytes>>20)
		}
	}
	return nil
}

// controlReference finds control characters in the numeric form of XML.
var controlReference = regexp.MustCompile(`&#(?:0*(?:[0-8]|1[124-9]|2[0-9]|3[01])|[xX]0*(?:[0-8]|[bBcCeEfF]|1[0-9a-fA-F]));`)

// escapeControls writes control characters, which XML forbids and on which the library
// would silently stop reading, in the form that spreadsheets use for them: _x000B_.
func escapeControls(text []byte) []byte {
	control := func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' }
	if bytes.ContainsFunc(text, control) {
		var b bytes.Buffer
		for _, c := range text {
			if control(rune(c)) {
				fmt.Fprintf(&b, "_x%04X_", c)
			} else {
				b.WriteByte(c)
			}
		}
		text = b.Bytes()
	}
	return controlReference.ReplaceAllFunc(text, func(ref []byte) []byte {
		var n int
		digits := strings.ToLower(strings.Trim(string(ref), "&#;"))
		if hex, ok := strings.CutPrefix(digits, "x"); ok {
			_, _ = fmt.Sscanf(hex, "%x", &n)
		} else {
			_, _ = fmt.Sscanf(digits, "%d", &n)
		}
		return fmt.Appendf(nil, "_x%04X_", n)
	})
}

// wellFormed reads XML to its end, because the library takes an error for the end.
func wellFormed(text []byte) error {
	d := xml.NewDecoder(bytes.NewReader(text))
	d.CharsetReader = func(_ string, r io.Reader) (io.Reader, error) { return r, nil }
	depth := 0
	for {
		token, err := d.RawToken()
		switch {
		case errors.Is(err, io.EOF) && depth == 0:
			return nil
		case err != nil:
			return err
		}
		switch token.(type) {
		case xml.StartElement:
			depth++
		case xml.EndElement:
			depth--
		}
	}
}
