package handler

import (
	"bytes"
	"image"
	"image/color"
	"image/draw"
	"image/jpeg"
	"image/png"
	"io"
	"net/http"

	"deskmate/model"
)

// How pictures of accounts are kept.
const (
	avatarKeep  = 600_000 // bytes of a PNG; a larger one becomes JPEG
	jpegQuality = 90
)

// readAvatar makes a picture of ours from an upload: what it is is said by its bytes, and
// decoding and encoding it leaves nothing but the pixels.
func readAvatar(file io.Reader) (data []byte, kind string, err error) {
	data, err = io.ReadAll(io.LimitReader(file, model.AvatarBytes+1))
	switch {
	case err != nil:
		return nil, "", model.Invalid("avatar_unreadable", "头像没有传完整，请重新上传")
	case len(data) > model.AvatarBytes:
		return nil, "", model.Invalid("avatar_large", "头像文件不能超过 %d MB", model.AvatarBytes>>20)
	}
	// Formats are named here: what others register with package image doesn't count.
	var (
		size   func(io.Reader) (image.Config, error)
		decode func(io.Reader) (image.Image, error)
	)
	switch kind = http.DetectContentType(data); kind {
	case "image/png":
		size, decode = png.DecodeConfig, png.Decode
	case "image/jpeg":
		size, decode = jpeg.DecodeConfig, jpeg.Decode
	default:
		return nil, "", model.Invalid("avatar_type", "头像须为 JPG 或 PNG 图片")
	}
	// The size comes first: a small file may unfold to gigabytes.
	cfg, err := size(bytes.NewReader(data))
	if err != nil {
		return nil, "", errAvatarDamaged()
	}
	if cfg.Width > model.AvatarSide || cfg.Height > model.AvatarSide || cfg.Width == 0 || cfg.Height == 0 {
		return nil, "", model.Invalid("avatar_size", "头像不能超过 %d×%d 像素，这张是 %d×%d", model.AvatarSide, model.AvatarSide, cfg.Width, cfg.Height)
	}
	img, err := decode(bytes.NewReader(data))
	if err != nil {
		return nil, "", errAvatarDamaged()
	}
	return encodeAvatar(img, kind)
}

func errAvatarDamaged() error {
	return model.Invalid("avatar_damaged", "这张图片打不开，请换一张 JPG 或 PNG")
}

// encodeAvatar writes a PNG as PNG unless that is large, and all else as JPEG on white.
func encodeAvatar(img image.Image, kind string) ([]byte, string, error) {
	var out bytes.Buffer
	if kind == "image/png" {
		if err := png.Encode(&out, img); err != nil {
			return nil, "", err
		}
		if out.Len() <= avatarKeep {
			return out.Bytes(), kind, nil
		}
		out.Reset()
	}
	flat := image.NewRGBA(image.Rect(0, 0, img.Bounds().Dx(), img.Bounds().Dy()))
	draw.Draw(flat, flat.Bounds(), image.NewUniform(color.White), image.Point{}, draw.Src)
	draw.Draw(flat, flat.Bounds(), img, img.Bounds().Min, draw.Over)
	if err := jpeg.Encode(&out, flat, &jpeg.Options{Quality: jpegQuality}); err != nil {
		return nil, "", err
	}
	return out.Bytes(), "image/jpeg", nil
}
