-- What a user's configuration would say, and nothing else.
vim.opt.runtimepath:prepend(vim.env.TENON_TEST_PLUGIN)
vim.opt.swapfile = false
vim.opt.shada = ""
dofile(vim.env.TENON_TEST_CONFIGURATION)
