"""Pages, by the menu: a folder holds a page with its document, template and words."""
