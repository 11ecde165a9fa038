"""The card in Apple Wallet and Google Wallet: issued, kept up to date, ended."""
