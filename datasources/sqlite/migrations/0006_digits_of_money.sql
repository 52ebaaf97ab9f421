-- Nothing changes in the file. But from here on, documents may say of money how many
-- of its digits are after the point, and keys of orders too; a program that does not
-- know of it would take 151.00 RSD for 15100, and is kept away by the version.
SELECT 1;
