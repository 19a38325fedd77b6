package handler

import (
	"bytes"
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humagin"

	"deskmate/model"
)

// Avatars keep the pictures of accounts.
type Avatars interface {
	Media
	DeleteBlob(ctx context.Context, accountID, id uint64) error
}

// avatarSum is how much of a picture's sum stands in its address.
const avatarSum = 32

// avatarAt is where an account's picture lies for those who work for it; "" for none. Another
// picture has another address, so browsers may keep each for ever.
func avatarAt(key string, avatar model.Avatar) string {
	if avatar.Blob == 0 || len(avatar.Sum) < avatarSum {
		return ""
	}
	return APIPrefix + "/accounts/" + key + "/avatar/" + avatar.Sum[:avatarSum]
}

// serviceAvatarAt is the same for employees.
func serviceAvatarAt(acc model.Account) string {
	if avatarAt(acc.Key, acc.Profile.Avatar) == "" {
		return ""
	}
	return APIPrefix + my + "/services/" + acc.Key + "/avatar/" + acc.Profile.Avatar.Sum[:avatarSum]
}

// AvatarUpload is an upload of an account's picture.
type AvatarUpload struct {
	AccountPath
	RawBody huma.MultipartFormFiles[struct {
		File huma.FormFile `form:"file" required:"true" doc:"JPG or PNG of at most 750×750 pixels and 2 MiB"`
	}]
}

// AvatarSum names a picture by what it holds. It is exported because huma passes over embedded
// types that are not.
type AvatarSum struct {
	Sum       string `path:"sum" pattern:"^[0-9a-f]{32}$" doc:"How the SHA-256 of its bytes begins"`
	NoneMatch string `header:"If-None-Match" maxLength:"100" doc:"The ETag that the caller has"`
}

func (a *API) registerAvatars(s surface) {
	const path = account + "/settings/avatar"
	within(s, call(http.MethodPut, "setAvatar", path, settingsTag, "Give the account a picture; it is decoded and encoded anew, and live within a second"),
		func(ctx context.Context, acc model.Account, in *AvatarUpload) (*tagged[accountSettings], error) {
			if err := mayAvatar(ctx, acc); err != nil {
				return nil, err
			}
			data, kind, err := readAvatar(in.RawBody.Data().File)
			if err != nil {
				return nil, err
			}
			blob, err := a.cfg.Avatars.PutBlob(ctx, model.Blob{AccountID: acc.ID, Kind: model.BlobAvatar, Name: "avatar", Type: kind}, bytes.NewReader(data))
			if err != nil {
				return nil, err
			}
			return a.swapAvatar(ctx, acc, model.Avatar{Blob: blob.ID, Sum: blob.Sum})
		})
	type removal struct{ AccountPath }
	remove := call(http.MethodDelete, "deleteAvatar", path, settingsTag, "Take the account's picture away")
	remove.DefaultStatus = http.StatusOK
	within(s, remove, func(ctx context.Context, acc model.Account, _ *removal) (*tagged[accountSettings], error) {
		if err := mayAvatar(ctx, acc); err != nil {
			return nil, err
		}
		return a.swapAvatar(ctx, acc, model.Avatar{})
	})
	type seen struct {
		AccountPath
		AvatarSum
	}
	within(s, download(call(http.MethodGet, "getAvatar", account+"/avatar/{sum}", settingsTag, "The account's picture")),
		func(ctx context.Context, acc model.Account, in *seen) (*huma.StreamResponse, error) {
			return a.showAvatar(ctx, acc, in.AvatarSum)
		})
	type seenByMember struct {
		ServicePath
		AvatarSum
	}
	operation(s.API, download(call(http.MethodGet, "getMyServiceAvatar", my+"/services/{service}/avatar/{sum}", myTag, "The picture of an account that the caller may turn to")),
		func(ctx context.Context, in *seenByMember) (*huma.StreamResponse, error) {
			_, acc, _, err := a.service(ctx, in.Service)
			if err != nil {
				return nil, err
			}
			return a.showAvatar(ctx, acc, in.AvatarSum)
		})
}

// mayAvatar refuses a seat that its owner doesn't let change the picture.
func mayAvatar(ctx context.Context, acc model.Account) error {
	if callerFrom(ctx).seat == nil || slices.Contains(acc.Policy.SeatFields, model.FieldAvatar) {
		return nil
	}
	return errSeatField(model.FieldAvatar)
}

// swapAvatar makes a stored picture the account's; the one before, or this one where it can't be,
// is removed.
func (a *API) swapAvatar(ctx context.Context, acc model.Account, avatar model.Avatar) (*tagged[accountSettings], error) {
	useless := avatar.Blob
	now, err := a.change(ctx, acc, 0, "avatar", func(acc *model.Account) error {
		useless, acc.Profile.Avatar = acc.Profile.Avatar.Blob, avatar
		return nil
	})
	if err != nil {
		useless = avatar.Blob
	}
	if useless != 0 {
		if dropped := a.cfg.Avatars.DeleteBlob(context.WithoutCancel(ctx), acc.ID, useless); dropped != nil {
			a.cfg.Log.WarnContext(ctx, "useless avatar kept", "account_key", acc.Key, "blob_id", useless, "err", dropped.Error())
		}
	}
	return replyTagged(viewAccountSettings(now), now.Version, err)
}

// showAvatar sends the account's picture where it still is the one that the address names.
func (a *API) showAvatar(ctx context.Context, acc model.Account, want AvatarSum) (*huma.StreamResponse, error) {
	avatar := acc.Profile.Avatar
	if avatar.Blob == 0 || len(avatar.Sum) < avatarSum || avatar.Sum[:avatarSum] != want.Sum {
		return nil, model.ErrNotFound
	}
	etag := strconv.Quote(want.Sum)
	var (
		data []byte
		blob model.Blob
		err  error
	)
	if want.NoneMatch != etag {
		if blob, err = a.cfg.Avatars.Blob(ctx, acc.ID, avatar.Blob); err != nil {
			return nil, err
		}
		if data, err = a.cfg.Avatars.BlobData(ctx, acc.ID, avatar.Blob); err != nil {
			return nil, err
		}
	}
	return &huma.StreamResponse{Body: func(ctx huma.Context) {
		c := humagin.Unwrap(ctx)
		c.Header("Cache-Control", "private, max-age=31536000, immutable")
		c.Header("ETag", etag)
		if data == nil {
			c.Status(http.StatusNotModified)
			return
		}
		c.Data(http.StatusOK, blob.Type, data)
	}}, nil
}
