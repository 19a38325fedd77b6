-- Lines that seats were told of rather than sent, for they work in the workbench.

-- +goose Up
{{column session unshown {{text}} NOT NULL DEFAULT ''}};
