package curate

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"deskmate/bot/knowledge/sheet"
	"deskmate/model"
)

// mediaTold is how many missing pictures and files of a knowledge file are named.
const mediaTold = 20

// MissingMedia names the messages of a knowledge file that are pictures or files which the
// account doesn't have: employees would read that they are deleted. Files of another account
// or installation have such.
func MissingMedia(ctx context.Context, media MediaStore, accountID uint64, file sheet.Import) ([]string, error) {
	known := map[uint64]bool{}
	var warnings []string
	missing := 0
	for i := range file.Entries {
		for _, text := range append([]string{file.Entries[i].Answer}, file.Entries[i].More...) {
			kind, id, ok := model.ParseMediaRef(text)
			if !ok {
				continue
			}
			there, asked := known[id]
			if !asked {
				blob, err := media.Blob(ctx, accountID, id)
				if err != nil && !errors.Is(err, model.ErrNotFound) {
					return nil, fmt.Errorf("find media of a knowledge file: %w", err)
				}
				there = err == nil && fits(blob, kind)
				known[id] = there
			}
			if there {
				continue
			}
			if missing++; missing <= mediaTold {
				warnings = append(warnings, fmt.Sprintf("第 %d 行引用的 %s 不存在，员工会看到它已删除", file.Rows[i], text))
			}
		}
	}
	if missing > mediaTold {
		warnings = append(warnings, fmt.Sprintf("还有 %d 处引用的图片或文件不存在", missing-mediaTold))
	}
	return warnings, nil
}

// fits reports whether a stored file can be sent as what an entry says it is.
func fits(blob model.Blob, kind model.ContentType) bool {
	return blob.Kind == model.BlobMedia && (kind != model.ContentImage || strings.HasPrefix(blob.Type, "image/"))
}
